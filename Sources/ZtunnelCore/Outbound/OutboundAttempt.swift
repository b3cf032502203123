import HTTPWire
import LinuxSystem
import MeshModel
package import MeshRuntime
package import NodeCore

/// The way of one captured connection from accept to its relay (Z 3): wait for the workload's record, decide, connect or
/// open a stream, and where that fails try another endpoint of the service before the client sees an error. Where none is left
/// and one's ztunnel may only be restarting, all are asked again until the connect timeout has passed (`ConnectPatience`).
///
/// Nothing is read from the client meanwhile: its bytes wait in the kernel, so its window bounds them. That is also why a
/// CONNECT may be repeated: whatever became of the first one, no byte of the client's has left this node before the answer to
/// it is there, and after that answer nothing is repeated. Confined to its worker's loop; the connection's `activity` owns it
/// until the relay stands or the attempt has failed.
package final class OutboundAttempt {
    private let server: WorkloadServer
    private let client: TCPConnection
    private let connection: ProxiedConnection
    private let trace: TraceParent
    /// Endpoints of the service that have been tried.
    private var excluded: Set<String> = []
    /// Failures since all endpoints were asked last.
    private var attempts = 0
    private var patience: ConnectPatience
    /// For what is waited: the next round, or the answer to the CONNECT.
    private var timer: TimerID?
    /// What the last endpoint failed with; what the client's line will say when no other is left.
    private var lastFailure: ConnectionFailure?
    private var stream: TunnelStream?
    /// Whether a destination has been decided on; before that, a failure is an early denial.
    private var isNamed = false
    private var isOver = false

    /// An attempt for `client`, which `connection` describes; `begin` starts it.
    package init(server: WorkloadServer, client: TCPConnection, connection: ProxiedConnection) {
        self.server = server
        self.client = client
        self.connection = connection
        self.trace = TraceParent(random: &server.worker.random)
        patience = ConnectPatience(until: server.worker.loop.now + server.worker.configuration.timeouts.connect)
    }

    /// Starts. The connection must be in the table, with this as its activity.
    package func begin() {
        client.onPeerReset { [weak self] in self?.clientLeft() }
        decide()
    }

    /// Ends the attempt: the client is reset, the line written.
    package func fail(_ failure: ConnectionFailure) {
        guard !isOver else { return }
        end()
        client.reset()
        guard isNamed else { return server.worker.deny(connection, failure) }
        server.worker.finish(connection, fromFirst: 0, fromSecond: 0, failure: failure)
    }

    private func clientLeft() {
        guard !isOver else { return }
        end()
        client.close()
        server.worker.finish(connection, fromFirst: 0, fromSecond: 0, failure: nil)
    }

    private func end() {
        isOver = true
        stream?.reset(.cancel)
        cancelTimer()
    }

    private func cancelTimer() {
        if let timer { server.worker.loop.cancel(timer) }
        timer = nil
    }

    // MARK: Deciding

    private func decide() {
        guard !isOver else { return }
        guard let source = server.currentRecord() else {
            return waitForRecord()
        }
        let decision = server.worker.decideOutbound(
            from: source, to: connection.destination, excluding: excluded)
        switch decision {
        case .passthrough(let address):
            connect(to: SocketAddress(address), route: nil)
        case .tcp(let route):
            guard isNew(route.workload) else { return nobodyLeft("no healthy upstream") }
            connect(to: SocketAddress(route.address), route: route)
        case .hbone(let route):
            guard isNew(route.destination) else { return nobodyLeft("no healthy upstream") }
            openStream(route, from: source)
        case .refuse(let refusal):
            nobodyLeft(refusal.description)
        }
    }

    /// A destination that is not chosen among several comes again when it is excluded: there is no other.
    private func isNew(_ workload: Workload?) -> Bool {
        guard let workload else { return excluded.isEmpty }
        return !excluded.contains(workload.uid)
    }

    /// Every endpoint was asked, or there is none: asks them again in a moment, or gives up.
    private func nobodyLeft(_ reason: String) {
        guard let pause = patience.nextRound(now: server.worker.loop.now) else {
            return fail(lastFailure ?? .noUpstream(reason))
        }
        excluded = []
        attempts = 0
        timer = server.worker.loop.schedule(after: pause) { [weak self] in
            self?.timer = nil
            self?.decide()
        }
    }

    private func waitForRecord() {
        let waits = server.room.wait { [self] timedOut in
            if timedOut, server.currentRecord() == nil { fail(.unknownLocalWorkload) } else { decide() }
        }
        if !waits {
            server.worker.rejected(.waitingConnections)
            fail(.limit(.waitingConnections))
        }
    }

    /// Another endpoint, or the end.
    private func attemptFailed(_ failure: ConnectionFailure, at workload: Workload?) {
        guard !isOver else { return }
        lastFailure = failure
        patience.note(failure)
        attempts += 1
        guard failure.isRetryable, let workload else { return fail(failure) }
        excluded.insert(workload.uid)
        server.worker.eject(workload.uid)
        guard attempts < server.worker.limits.connectAttempts else { return nobodyLeft(failure.message) }
        decide()
    }

    // MARK: Plain TCP

    private func connect(to address: SocketAddress, route: TCPRoute?) {
        let workload = route?.workload
        connection.transport = .tcp
        connection.target = address
        isNamed = true
        server.worker.relabel(connection, destination: workload, service: route?.service, identity: nil)
        server.connect(to: address) { [self] result in
            switch result {
            case .failure(let failure):
                attemptFailed(failure, at: workload)
            case .success(let upstream):
                guard !isOver else { return upstream.reset() }
                connected(workload)
                server.worker.relay(
                    connection, Relay.start(client, upstream, onEnd: server.worker.relayEnd(connection)))
            }
        }
    }

    private func connected(_ workload: Workload?) {
        isOver = true
        if let workload { server.worker.restore(workload.uid) }
    }

    // MARK: HBONE

    private func openStream(_ route: HBONERoute, from source: Workload) {
        connection.transport = .hbone
        connection.target = SocketAddress(route.dial)
        connection.authority = route.authority
        isNamed = true
        server.worker.relabel(
            connection, destination: route.destination, service: route.service, identity: route.expectedIdentities.first
        )
        let key = TunnelKey(
            address: SocketAddress(route.dial), source: connection.source, serverName: route.serverName,
            expectedIdentities: route.expectedIdentities)
        server.pool.checkOut(key) { [self] result in
            guard !isOver else { return }
            switch result {
            case .failure(let failure): attemptFailed(failure, at: route.destination)
            case .success(let checkout): send(route, key, checkout)
            }
        }
    }

    private func send(_ route: HBONERoute, _ key: TunnelKey, _ checkout: TunnelCheckout) {
        let request = server.connectRequest(
            authority: route.authority, service: route.service, source: connection.source, trace: trace)
        let opened = checkout.tunnel.open(
            request,
            onResponse: { [self] stream, response, endStream in
                responded(response, on: stream, endStream: endStream, route: route)
            },
            onEnd: { [self] stream, end in
                ended(stream, end, route: route, isReused: checkout.isReused)
            })
        guard let opened else {
            server.pool.discard(checkout.tunnel, of: key)
            return retrySame(
                .tunnelClosed("the tunnel took no more streams"), route: route, isReused: checkout.isReused)
        }
        stream = opened
        awaitAnswer(on: opened, route: route)
    }

    /// The peer has the tunnel, and answers PING perhaps; that it answers this CONNECT is another matter.
    private func awaitAnswer(on asked: TunnelStream, route: HBONERoute) {
        let limit = server.worker.configuration.timeouts.connectAnswer
        cancelTimer()
        timer = server.worker.loop.schedule(after: limit) { [weak self] in
            guard let self else { return }
            timer = nil
            guard !isOver, stream === asked else { return }
            stream = nil
            asked.reset(.cancel)
            attemptFailed(.noAnswer(within: limit), at: route.destination)
        }
    }

    private func responded(_ response: HTTPFieldBlock, on stream: TunnelStream, endStream: Bool, route: HBONERoute) {
        guard !isOver else { return stream.reset(.cancel) }
        cancelTimer()
        let status = response.status ?? 0
        guard status == 200, !endStream else {
            self.stream = nil
            if !endStream { stream.reset(.cancel) }
            return attemptFailed(.httpStatus(status), at: route.destination)
        }
        connected(route.destination)
        self.stream = nil
        server.worker.relay(connection, Relay.start(client, stream, onEnd: server.worker.relayEnd(connection)))
    }

    /// The stream ended without a response.
    private func ended(_ ended: TunnelStream, _ end: StreamEnd, route: HBONERoute, isReused: Bool) {
        guard !isOver, stream === ended else { return }
        cancelTimer()
        stream = nil
        let reason = "the tunnel ended before it answered: \(end)"
        switch end {
        case .tunnelClosed, .reset(.refusedStream, byPeer: true):
            retrySame(.tunnelClosed(reason), route: route, isReused: isReused)
        case .reset, .finished:
            // The peer has looked at the CONNECT and does not want it; another endpoint may.
            attemptFailed(.streamReset(reason), at: route.destination)
        }
    }

    /// A tunnel from the pool may have been dead for a while: that says nothing about the endpoint, so it is tried once
    /// more with whatever the pool has now.
    private func retrySame(_ failure: ConnectionFailure, route: HBONERoute, isReused: Bool) {
        guard isReused, let source = server.currentRecord(), attempts < server.worker.limits.connectAttempts else {
            return attemptFailed(failure, at: route.destination)
        }
        attempts += 1
        lastFailure = failure
        patience.note(failure)
        openStream(route, from: source)
    }
}
