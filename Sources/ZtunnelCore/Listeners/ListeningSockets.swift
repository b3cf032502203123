import LinuxSystem
import MeshModel
package import NodeCore

/// The listening sockets of one workload for one worker, made before they are handed to the worker's thread.
package struct ListeningSockets: Sendable {
    /// 15001, or the ports of its own on the loopback addresses for a workload of the host.
    package let outbound: [SocketHandover]
    /// 15006 and 15008; nil for a workload of the host, which shares them with the others there.
    package let inbound: InboundSockets?

    /// Opens them in the workload's network namespace. All or none.
    package init(
        _ workload: LocalWorkload, configuration: DataPlaneConfiguration, store: SocketStore
    ) throws(DataPlaneError) {
        let opening = ListenerOpening(workload, configuration: configuration, store: store)
        guard let place = workload.place.host else {
            outbound = [try opening.open(on: opening.wildcard(Ports.outbound)).socket]
            inbound = try InboundSockets(workload, configuration: configuration, store: store)
            return
        }
        let ipv4 = try opening.open(on: .loopback4(port: place.outboundPort)).socket
        let ipv6 = try opening.openIfThere(on: .loopback6(port: place.outboundPort))
        outbound = [ipv4] + (ipv6.map { [$0] } ?? [])
        inbound = nil
    }
}
