import LinuxSystem
import MeshModel

/// Opens the listening sockets of one owner for one worker, and says whose and which could not be opened.
struct ListenerOpening {
    private let workload: LocalWorkload?
    private let worker: Int
    private let configuration: DataPlaneConfiguration
    private let source: any ListenerSource

    /// `workload` is nil for the sockets that the host's workloads share.
    init(
        _ workload: LocalWorkload?, worker: Int, configuration: DataPlaneConfiguration, source: any ListenerSource
    ) {
        self.workload = workload
        self.worker = worker
        self.configuration = configuration
        self.source = source
    }

    /// All addresses of the network namespace.
    func wildcard(_ port: UInt16) -> SocketAddress {
        configuration.ipv6 ? .any6(port: port) : .any4(port: port)
    }

    /// The socket of that role, with what the kernel says about foreign addresses.
    func open(
        _ role: ListenerName.Role, on address: SocketAddress
    ) throws(DataPlaneError) -> (socket: SocketHandover, isTransparent: Bool) {
        do throws(Errno) {
            return try attempt(role, on: address)
        } catch {
            throw failure(address, error)
        }
    }

    /// The same on ::1; nil where the network namespace has no IPv6.
    func openIfThere(
        _ role: ListenerName.Role, on address: SocketAddress
    ) throws(DataPlaneError) -> SocketHandover? {
        guard configuration.ipv6 else { return nil }
        do throws(Errno) {
            return try attempt(role, on: address).socket
        } catch .addressNotAvailable, .addressFamilyNotSupported {
            return nil
        } catch {
            throw failure(address, error)
        }
    }

    private func attempt(
        _ role: ListenerName.Role, on address: SocketAddress
    ) throws(Errno) -> (socket: SocketHandover, isTransparent: Bool) {
        let sockets = WorkloadSockets(namespace: workload?.place.networkNamespace, mark: configuration.packetMark)
        let transparency = configuration.sourceAddress
        let socket = try source.listener(ListenerName(workload: workload?.uid, role: role, worker: worker)) {
            () throws(Errno) in try sockets.listening(on: address, transparency: transparency)
        }
        // Asked of the kernel, since an adopted socket was set up by somebody else.
        let isTransparent =
            transparency != .disable && Socket.isTransparent(socket.raw, isIPv4: address.isIPv4)
        return (SocketHandover(socket), isTransparent)
    }

    private func failure(_ address: SocketAddress, _ error: Errno) -> DataPlaneError {
        let owner = workload.map { "\($0.namespace)/\($0.name)" } ?? "the workloads of this host"
        let place = workload?.place.networkNamespace == nil ? "on this host" : "in the workload's network namespace"
        return DataPlaneError(
            .listen, "\(owner): cannot listen on \(address): \(error); see that no other program uses the port \(place)"
        )
    }
}
