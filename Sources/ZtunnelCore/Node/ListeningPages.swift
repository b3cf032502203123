import LinuxSystem
import MeshModel
package import MeshRuntime

/// Opens the sockets of the node's own pages.
package enum ListeningPages {
    /// A page that could not be opened: which one, where, and what to do.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Serves `server` on the loopback addresses; without IPv6 on 127.0.0.1 alone.
    package static func loopback(_ server: HTTP1Server, port: UInt16, name: String) throws(Failure) {
        try open(server, .loopback4(port: port), name)
        try openIfThere(server, .loopback6(port: port), name)
    }

    /// Serves `server` on all addresses.
    package static func everywhere(_ server: HTTP1Server, port: UInt16, ipv6: Bool, name: String) throws(Failure) {
        guard ipv6 else { return try open(server, .any4(port: port), name) }
        do throws(Errno) {
            // One socket for both families.
            try server.listen(
                try Socket.listen(on: .any6(port: port)) { raw throws(Errno) in try Socket.setV6Only(raw, false) }, .tcp
            )
        } catch {
            // A host without IPv6.
            try open(server, .any4(port: port), name)
        }
    }

    /// Serves `server` on a unix socket that only the owner of this process may use. A socket that was left behind is replaced.
    package static func unix(_ server: HTTP1Server, path: String) throws(Failure) {
        do throws(Errno) {
            try UnixFile.replaceable(path)
            let socket = try UnixFile.withPrivateMode { () throws(Errno) in try UnixSocket.listen(at: path, .stream) }
            try server.listen(socket, .unix)
        } catch {
            throw Failure(description: "the control socket \(path) cannot be opened: \(error); set AMBIT_RUN_DIR")
        }
    }

    /// Removes the file of a unix socket that `unix` made.
    package static func remove(path: String) {
        UnixFile.remove(path)
    }

    private static func open(_ server: HTTP1Server, _ address: SocketAddress, _ name: String) throws(Failure) {
        do throws(Errno) {
            try server.listen(try Socket.listen(on: address), .tcp)
        } catch {
            throw Failure(
                description:
                    "the \(name) page cannot listen on \(address): \(error); free the port, or choose another one")
        }
    }

    private static func openIfThere(_ server: HTTP1Server, _ address: SocketAddress, _ name: String) throws(Failure) {
        do throws(Errno) {
            try server.listen(
                try Socket.listen(on: address) { raw throws(Errno) in try Socket.setV6Only(raw, true) }, .tcp)
        } catch .addressNotAvailable, .addressFamilyNotSupported {
            // IPv6 is switched off here, or the kernel has none.
            return
        } catch {
            throw Failure(
                description:
                    "the \(name) page cannot listen on \(address): \(error); free the port, or choose another one")
        }
    }
}
