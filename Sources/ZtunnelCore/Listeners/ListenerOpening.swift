import LinuxSystem
import MeshModel
import NodeCore

/// Takes the listening sockets of one owner from the store, which opens those that are missing, and says whose and which could not be opened.
struct ListenerOpening {
    private let workload: LocalWorkload?
    private let configuration: DataPlaneConfiguration
    private let store: SocketStore

    /// `workload` is nil for the sockets that the host's workloads share.
    init(
        _ workload: LocalWorkload?, configuration: DataPlaneConfiguration, store: SocketStore
    ) {
        self.workload = workload
        self.configuration = configuration
        self.store = store
    }

    /// All addresses of the network namespace.
    func wildcard(_ port: UInt16) -> SocketAddress {
        configuration.ipv6 ? .any6(port: port) : .any4(port: port)
    }

    /// The socket on that address, with what the kernel says about foreign addresses.
    func open(
        on address: SocketAddress
    ) throws(DataPlaneError) -> (socket: SocketHandover, isTransparent: Bool) {
        do throws(Errno) {
            return try attempt(on: address)
        } catch {
            throw failure(address, error)
        }
    }

    /// The same on ::1; nil where the network namespace has no IPv6.
    func openIfThere(
        on address: SocketAddress
    ) throws(DataPlaneError) -> SocketHandover? {
        guard configuration.ipv6 else { return nil }
        do throws(Errno) {
            return try attempt(on: address).socket
        } catch .addressNotAvailable, .addressFamilyNotSupported {
            return nil
        } catch {
            throw failure(address, error)
        }
    }

    private func attempt(
        on address: SocketAddress
    ) throws(Errno) -> (socket: SocketHandover, isTransparent: Bool) {
        let namespace = workload?.place.networkNamespace
        guard let inode = (namespace?.identity ?? NetworkNamespace.own)?.inode else { throw .noSuchFile }
        let sockets = WorkloadSockets(namespace: namespace, mark: configuration.packetMark)
        let transparency = configuration.sourceAddress
        let socket = try store.socket(.ip(namespace: inode, .tcp, address)) { () throws(Errno) in
            try sockets.listening(on: address, transparency: transparency)
        }
        // Again for a socket that another process made, with other settings.
        try sockets.configure(socket.raw, address, transparency)
        let isTransparent =
            transparency != .disable && Socket.isTransparent(socket.raw, isIPv4: address.isIPv4)
        return (socket.handOver(), isTransparent)
    }

    private func failure(_ address: SocketAddress, _ error: Errno) -> DataPlaneError {
        let owner = workload.map { "\($0.namespace)/\($0.name)" } ?? "the workloads of this host"
        let place = workload?.place.networkNamespace == nil ? "on this host" : "in the workload's network namespace"
        return DataPlaneError(
            .listen, "\(owner): cannot listen on \(address): \(error); see that no other program uses the port \(place)"
        )
    }
}
