import LinuxSystem
package import MeshModel
import MeshRuntime
import NodeCore
import TLSEngine

/// What arrives for the workloads of the host on one worker: the listeners 15006 and 15008 of the host's network namespace,
/// which they share, and the choice of the workload that each connection means (D4).
///
/// Confined to its worker's loop. It lives from the first workload of the host to the last.
package final class HostInbound {
    unowned let worker: Worker
    private var workloads: HostWorkloads
    private var servers: [String: WorkloadServer] = [:]
    private var listeners: [Listener] = []
    /// Whether sockets of the workloads may use the clients' addresses.
    package let isTransparent: Bool

    /// Takes over the shared listening sockets of this worker.
    package init(worker: Worker, workloads: HostWorkloads, sockets: InboundSockets) {
        self.worker = worker
        self.workloads = workloads
        isTransparent = sockets.isTransparent
        listeners = [
            worker.listen(sockets.plaintext, of: "the workloads of this host", isShared: true) { [unowned self] in
                acceptPlaintext($0, $1)
            },
            worker.listen(sockets.hbone, of: "the workloads of this host", isShared: true) { [unowned self] in
                acceptTunnel($0, $1)
            },
        ].compactMap(\.self)
    }

    // MARK: Workloads

    /// Serves a workload too, or with another place.
    package func insert(_ server: WorkloadServer, _ workloads: HostWorkloads) {
        servers[server.workload.uid] = server
        self.workloads = workloads
    }

    /// Serves a workload no longer. Tunnels of its identity go over to another workload that has the same. True when it was
    /// the last one: the listeners are closed.
    package func remove(_ server: WorkloadServer, _ workloads: HostWorkloads) -> Bool {
        servers[server.workload.uid] = nil
        self.workloads = workloads
        if let heir = self.servers(of: server.workload.identity).first { server.bequeathTunnels(to: heir) }
        if servers.isEmpty { close() }
        return servers.isEmpty
    }

    /// Accepts nothing more.
    package func close() {
        for listener in listeners { listener.close() }
        listeners = []
    }

    /// The workloads that have this identity.
    package func servers(of identity: SPIFFEIdentity) -> [WorkloadServer] {
        workloads.uids(of: identity).compactMap { servers[$0] }
    }

    // MARK: Connections

    private func acceptPlaintext(_ socket: consuming Descriptor, _ peer: SocketAddress) {
        worker.acceptPlaintext(socket, peer) { destination in
            workloads.uid(at: TransportAddress(destination)).flatMap { servers[$0] }
        }
    }

    private func acceptTunnel(_ socket: consuming Descriptor, _ peer: SocketAddress) {
        guard worker.canBeginTunnel(peer) else { return }
        let local = (try? Socket.localAddress(socket.raw)) ?? .any6(port: Ports.hbone)
        let negotiation = HostNegotiation(host: self, local: local)
        worker.negotiate(socket, peer, local, .byServerName(negotiation.choose), serve: negotiation.finish)
    }

    /// With whose certificate a client is answered that asks for `serverName` at `local`.
    func certificate(for serverName: String?, at local: SocketAddress) -> HostCertificateChoice {
        workloads.certificate(for: serverName, at: IPAddress(local))
    }

    /// Calls `resume` later: when the certificate of `identity` may be there, or when the time for it has passed.
    func waitForCertificate(of identity: SPIFFEIdentity, _ resume: @escaping (_ timedOut: Bool) -> Void) {
        worker.fetchCertificate(identity)
        if let server = servers(of: identity).first, server.room.wait(resume) { return }
        worker.rejected(.waitingConnections)
        worker.loop.schedule(after: .zero) { resume(true) }
    }
}
