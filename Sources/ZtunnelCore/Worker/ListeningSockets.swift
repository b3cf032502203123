import LinuxSystem
import MeshModel

/// The three listening sockets of one workload for one worker, made before they are handed to the worker's thread.
package struct ListeningSockets: Sendable {
    /// 15001.
    package let outbound: SocketHandover
    /// 15006.
    package let plaintext: SocketHandover
    /// 15008.
    package let hbone: SocketHandover
    /// Whether sockets of this workload may use the clients' addresses.
    package let isTransparent: Bool

    /// Opens them in the workload's network namespace. All or none.
    package init(_ workload: LocalWorkload, configuration: DataPlaneConfiguration) throws(DataPlaneError) {
        var isTransparent = true
        outbound = try Self.open(Ports.outbound, workload, configuration, &isTransparent)
        plaintext = try Self.open(Ports.inboundPlaintext, workload, configuration, &isTransparent)
        hbone = try Self.open(Ports.hbone, workload, configuration, &isTransparent)
        self.isTransparent = isTransparent
    }

    private static func open(
        _ port: UInt16, _ workload: LocalWorkload, _ configuration: DataPlaneConfiguration, _ isTransparent: inout Bool
    ) throws(DataPlaneError) -> SocketHandover {
        let sockets = WorkloadSockets(namespace: workload.networkNamespace, mark: configuration.packetMark)
        let address = address(port, workload, configuration)
        do throws(Errno) {
            var allowed = false
            let socket = try sockets.listening(
                on: address, transparency: configuration.sourceAddress, isTransparent: &allowed)
            isTransparent = isTransparent && allowed
            return SocketHandover(socket)
        } catch {
            throw DataPlaneError(
                .listen,
                "\(workload.namespace)/\(workload.name): cannot listen on \(address): \(error); "
                    + "see that no other program uses the port in the workload's network namespace")
        }
    }

    private static func address(
        _ port: UInt16, _ workload: LocalWorkload, _ configuration: DataPlaneConfiguration
    ) -> SocketAddress {
        if let address = workload.listenAddress { return SocketAddress(address, port: port) }
        return configuration.ipv6 ? .any6(port: port) : .any4(port: port)
    }
}
