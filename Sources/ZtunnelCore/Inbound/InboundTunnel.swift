package import HTTPWire
package import LinuxSystem
package import MeshModel
package import MeshRuntime

/// The server side of one tunnel (Z 2): the identity that it was answered with, its streams, and whose identity its peer
/// proved.
///
/// Confined to its worker's loop; the server of a workload with the identity holds it until the tunnel has closed.
package final class InboundTunnel {
    /// The workload that holds the tunnel. On a host, where several may have one identity, it holds it for all of them, and
    /// another takes over when it leaves.
    package var server: WorkloadServer
    /// The worker of the tunnel.
    package unowned let worker: Worker
    /// The transport.
    package let tunnel: Tunnel
    /// The address that the peer connected to.
    package let local: SocketAddress
    /// The peer's identity, shared by the tunnel's connections. TLS has verified the chain and the trust domain; this is
    /// the first URI of the SPIFFE form.
    package let peer: PeerIdentity

    /// Takes over a tunnel whose handshake is done, and serves it until it closes.
    package init(server: WorkloadServer, tunnel: Tunnel, identity: SPIFFEIdentity) {
        self.server = server
        self.worker = server.worker
        self.tunnel = tunnel
        self.local = tunnel.local
        self.peer = PeerIdentity(identity)
    }

    /// Starts serving requests.
    package func serve() {
        tunnel.onRequest = { [unowned self] stream, fields in
            InboundRequest(tunnel: self, stream: stream).receive(fields)
        }
        tunnel.onClosed = { [unowned self] _ in
            tunnel.onRequest = nil
            server.tunnelClosed(self)
        }
    }

    /// Where a CONNECT to `authority` goes: of the workloads with the tunnel's identity, to the first that it fits. The port is
    /// what tells those of a host apart (D4).
    package func destination(_ authority: HBONEAuthority, _ headers: InboundHeaders) -> InboundDestination {
        var refusal: InboundRefusal?
        var unknown: WorkloadServer?
        for candidate in worker.servers(sharing: server) {
            guard let record = candidate.currentRecord() else {
                unknown = unknown ?? candidate
                continue
            }
            let decision = worker.decideInbound(
                local: record, ports: candidate.workload.place.host?.ports, connectionDestination: local,
                authority: authority, forwardedHost: headers.host)
            switch decision {
            case .forward(let route): return .forward(candidate, record, route)
            case .refuse(let reason): refusal = refusal ?? reason
            }
        }
        if let unknown { return .wait(unknown) }
        return refusal.map { .refuse($0) } ?? .wait(server)
    }
}
