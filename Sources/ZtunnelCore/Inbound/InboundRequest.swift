package import HTTPWire
import LinuxSystem
import MeshModel
package import MeshRuntime
package import NodeCore

/// One CONNECT to a workload, from its header block to its relay (Z 2.3, 2.4, 4).
///
/// The order is: method, authority, the workload's record, whether the address belongs here, registration in the table,
/// authorization, connect to the application, 200, PROXY preamble, relay. Registration comes before authorization so that
/// a policy that changes between the two is not missed. Confined to its worker's loop.
package final class InboundRequest {
    private let tunnel: InboundTunnel
    private let stream: TunnelStream
    private var connection: ProxiedConnection?
    private var isOver = false

    private var worker: Worker { tunnel.worker }

    /// A request that has just arrived on `stream`.
    package init(tunnel: InboundTunnel, stream: TunnelStream) {
        self.tunnel = tunnel
        self.stream = stream
    }

    /// Answers the request.
    package func receive(_ fields: HTTPFieldBlock) {
        stream.onPeerGone { [weak self] _, _ in self?.peerLeft() }
        guard let method = fields.method, method == "CONNECT" else {
            return deny(.unexpectedMethod(fields.method ?? ""))
        }
        guard let text = fields.authority, let authority = try? HBONEAuthority(parsing: text) else {
            return deny(.noAuthority)
        }
        guard worker.canRegister() else {
            return deny(.limit(.connections))
        }
        admit(authority, InboundHeaders(fields))
    }

    /// Ends the request with the failure's status; writes its line if it was registered.
    package func refuse(_ failure: ConnectionFailure) {
        guard !isOver else { return }
        isOver = true
        stream.respond(.response(status: failure.status), endStream: true)
        guard let connection else { return }
        worker.finish(connection, fromFirst: 0, fromSecond: 0, failure: failure)
    }

    /// Refuses a request that was never registered, with the short line of an early denial (Z 8.2).
    private func deny(_ failure: ConnectionFailure) {
        guard !isOver else { return }
        worker.log.earlyDenial(
            source: tunnel.tunnel.remote, destination: tunnel.local, direction: .inbound, failure)
        refuse(failure)
    }

    private func peerLeft() {
        guard !isOver else { return }
        isOver = true
        guard let connection else { return }
        worker.finish(connection, fromFirst: 0, fromSecond: 0, failure: nil)
    }

    private func admit(_ authority: HBONEAuthority, _ headers: InboundHeaders) {
        guard !isOver else { return }
        switch tunnel.destination(authority, headers) {
        case .refuse(let refusal):
            deny(.refused(status: refusal.status, refusal.description))
        case .forward(let server, let record, let route):
            register(route, server, record, authority, headers)
        case .wait(let server):
            waitForRecord(of: server, authority, headers)
        }
    }

    private func waitForRecord(
        of server: WorkloadServer, _ authority: HBONEAuthority, _ headers: InboundHeaders
    ) {
        let waits = server.room.wait { [self] timedOut in
            if timedOut, server.currentRecord() == nil {
                deny(.unknownLocalWorkload)
            } else {
                admit(authority, headers)
            }
        }
        if !waits {
            worker.rejected(.waitingConnections)
            deny(.limit(.waitingConnections))
        }
    }

    private func register(
        _ route: InboundRoute, _ server: WorkloadServer, _ record: Workload, _ authority: HBONEAuthority,
        _ headers: InboundHeaders
    ) {
        let connection = ProxiedConnection(
            server: server, source: tunnel.tunnel.remote, destination: tunnel.local, peer: tunnel.peer,
            direction: .inbound, transport: .hbone,
            labels: worker.inboundLabels(
                record: record, source: tunnel.tunnel.remote, service: route.service, peer: tunnel.peer,
                headers: headers),
            now: worker.loop.now)
        connection.target = SocketAddress(route.destination)
        connection.authority = authority.description
        connection.activity = .inbound(self)
        self.connection = connection
        worker.register(connection)
        if let failure = worker.admit(connection, record) {
            return refuse(failure)
        }
        connect(route, connection)
    }

    private func connect(_ route: InboundRoute, _ connection: ProxiedConnection) {
        let upstream = SocketAddress(route.upstream)
        let server = connection.server
        let source = server.spoofedSource(tunnel.tunnel.remote, for: upstream)
        server.connect(toApplication: upstream, from: source) { [self] result in
            switch result {
            case .failure(let failure):
                refuse(failure)
            case .success(let upstream):
                guard !isOver else { return upstream.reset() }
                establish(connection, upstream, route)
            }
        }
    }

    private func establish(_ connection: ProxiedConnection, _ upstream: TCPConnection, _ route: InboundRoute) {
        isOver = true
        stream.respond(connection.server.connectResponse(), endStream: false)
        if let destination = route.proxyDestination {
            _ = upstream.write(
                ProxyPreamble.make(
                    source: connection.source, destination: SocketAddress(destination),
                    identity: tunnel.peer.identity.uri))
        }
        worker.relay(connection, Relay.start(upstream, stream, onEnd: worker.relayEnd(connection)))
    }
}
