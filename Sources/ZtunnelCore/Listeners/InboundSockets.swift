import LinuxSystem
import MeshModel
package import NodeCore

/// The two listening sockets, of one worker, for what arrives from others: of one workload with a network namespace of its
/// own, or of all workloads of the host together.
package struct InboundSockets: Sendable {
    /// 15006.
    package let plaintext: SocketHandover
    /// 15008.
    package let hbone: SocketHandover
    /// Whether sockets of the workload may use the clients' addresses.
    package let isTransparent: Bool

    /// Opens both or none. `workload` is nil for those of the host.
    package init(
        _ workload: LocalWorkload?, configuration: DataPlaneConfiguration, store: SocketStore
    ) throws(DataPlaneError) {
        let opening = ListenerOpening(workload, configuration: configuration, store: store)
        let plaintext = try opening.open(on: opening.wildcard(Ports.inboundPlaintext))
        let hbone = try opening.open(on: opening.wildcard(Ports.hbone))
        isTransparent = plaintext.isTransparent && hbone.isTransparent
        self.plaintext = plaintext.socket
        self.hbone = hbone.socket
    }
}
