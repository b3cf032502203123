package import LinuxSystem
import MeshModel
package import MeshRuntime

/// The listening sockets of the node's own pages. Confined to the control loop.
package struct ListeningPages {
    /// A page that could not be opened: which one, where, and what to do.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let store: SocketStore
    /// The pages are served for as long as this value lives.
    private var leases: [SocketLease] = []

    /// Pages on sockets of `store`.
    package init(store: SocketStore) {
        self.store = store
    }

    /// Serves `server` on the loopback addresses; without IPv6 on 127.0.0.1 alone.
    package mutating func loopback(_ server: HTTP1Server, port: UInt16, name: String) throws(Failure) {
        try open(server, .loopback4(port: port), name)
        do throws(Errno) {
            try listen(server, .loopback6(port: port)) { raw throws(Errno) in try Socket.setV6Only(raw, true) }
        } catch .addressNotAvailable {
            return
        } catch {
            // EAFNOSUPPORT: the kernel has no IPv6 at all.
            guard error.rawValue != 97 else { return }
            throw Self.failure(name, .loopback6(port: port), error)
        }
    }

    /// Serves `server` on all addresses.
    package mutating func everywhere(_ server: HTTP1Server, port: UInt16, ipv6: Bool, name: String) throws(Failure) {
        guard ipv6 else { return try open(server, .any4(port: port), name) }
        do throws(Errno) {
            // One socket for both families.
            try listen(server, .any6(port: port)) { raw throws(Errno) in try Socket.setV6Only(raw, false) }
        } catch {
            // A host without IPv6.
            try open(server, .any4(port: port), name)
        }
    }

    /// Serves `server` on a unix socket that only the owner of this process may use. A socket that was left behind is replaced.
    package mutating func unix(_ server: HTTP1Server, path: String) throws(Failure) {
        do throws(Errno) {
            try server.listen(try unix("control", path: path, .stream), .unix)
        } catch {
            throw Failure(description: "the control socket \(path) cannot be opened: \(error); set AMBIT_RUN_DIR")
        }
    }

    /// The listening unix socket at `path`, for the owner of this process alone.
    package mutating func unix(_ name: String, path: String, _ kind: UnixSocket.Kind) throws(Errno) -> Descriptor {
        // An inherited socket whose file is gone, or that is of another run directory, cannot be reached any more.
        let socket = try store.socket(
            .unix(name), isWanted: { (try? UnixSocket.path($0)) == path && UnixFile.exists(path) }
        ) { () throws(Errno) in
            try UnixFile.replaceable(path, kind)
            return try UnixFile.withPrivateMode { () throws(Errno) in try UnixSocket.listen(at: path, kind) }
        }
        leases.append(socket.lease)
        return socket.takeDescriptor()
    }

    private mutating func open(_ server: HTTP1Server, _ address: SocketAddress, _ name: String) throws(Failure) {
        do throws(Errno) {
            try listen(server, address) { _ in }
        } catch {
            throw Self.failure(name, address, error)
        }
    }

    private mutating func listen(
        _ server: HTTP1Server, _ address: SocketAddress, _ configure: (CInt) throws(Errno) -> Void
    ) throws(Errno) {
        guard let inode = NetworkNamespace.own?.inode else { throw .noSuchFile }
        let socket = try store.socket(.ip(namespace: inode, .tcp, address)) { () throws(Errno) in
            try Socket.listen(on: address, configure: configure)
        }
        leases.append(socket.lease)
        try server.listen(socket.takeDescriptor(), .tcp)
    }

    private static func failure(_ name: String, _ address: SocketAddress, _ error: Errno) -> Failure {
        Failure(
            description: "the \(name) page cannot listen on \(address): \(error); free the port, or choose another one")
    }
}
