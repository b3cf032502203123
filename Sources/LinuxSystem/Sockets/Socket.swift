internal import CLinux

/// Making, binding, connecting and closing sockets. All are nonblocking and close-on-exec; none of the calls blocks.
package enum Socket {
    /// Connections that wait to be accepted; the kernel's `somaxconn` may lower it.
    package static let backlog: CInt = 4096

    /// A TCP socket of the family of `address`, in the network namespace of the calling thread.
    package static func tcp(for address: SocketAddress) throws(Errno) -> Descriptor {
        Descriptor(taking: try Errno.check(clinux_socket(address.isIPv4 ? 4 : 6, 1)))
    }

    /// A UDP socket of the family of `address`, in the network namespace of the calling thread.
    package static func udp(for address: SocketAddress) throws(Errno) -> Descriptor {
        Descriptor(taking: try Errno.check(clinux_socket(address.isIPv4 ? 4 : 6, 2)))
    }

    /// A TCP socket that listens on `address`, with SO_REUSEADDR; `configure` runs before the bind.
    package static func listen(
        on address: SocketAddress, reusePort: Bool = false, configure: (CInt) throws(Errno) -> Void = { _ in }
    ) throws(Errno) -> Descriptor {
        let socket = try tcp(for: address)
        try setReuseAddress(socket.raw, true)
        if reusePort { try setReusePort(socket.raw, true) }
        try configure(socket.raw)
        try bind(socket.raw, to: address)
        _ = try Errno.check(clinux_listen(socket.raw, backlog))
        return socket
    }

    /// Two connected unix stream sockets.
    package static func pair() throws(Errno) -> (Int32, Int32) {
        var numbers: (Int32, Int32) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &numbers) { raw in
            unsafe clinux_socketpair(raw.bindMemory(to: Int32.self).baseAddress, 0)
        }
        _ = try Errno.check(result)
        return numbers
    }

    /// `bind(2)`.
    package static func bind(_ socket: CInt, to address: SocketAddress) throws(Errno) {
        var native = address.native
        _ = try Errno.check(unsafe clinux_bind(socket, &native))
    }

    /// `connect(2)`. True: connected at once. False: goes on; writability and `pendingError` tell the outcome.
    package static func connect(_ socket: CInt, to address: SocketAddress) throws(Errno) -> Bool {
        var native = address.native
        let result = unsafe clinux_connect(socket, &native)
        if result == -Errno.inProgress.rawValue { return false }
        _ = try Errno.check(result)
        return true
    }

    /// `accept4(2)`; nil if no connection waits.
    package static func accept(_ socket: CInt) throws(Errno) -> AcceptedSocket? {
        var native = clinux_address()
        let result = unsafe clinux_accept(socket, &native)
        if result == -Errno.wouldBlock.rawValue { return nil }
        return AcceptedSocket(
            descriptor: Descriptor(taking: try Errno.check(result)), peer: SocketAddress(native: native))
    }

    /// The address of this end.
    package static func localAddress(_ socket: CInt) throws(Errno) -> SocketAddress {
        var native = clinux_address()
        _ = try Errno.check(unsafe clinux_local_address(socket, &native))
        return SocketAddress(native: native)
    }

    /// The address of the other end.
    package static func peerAddress(_ socket: CInt) throws(Errno) -> SocketAddress {
        var native = clinux_address()
        _ = try Errno.check(unsafe clinux_peer_address(socket, &native))
        return SocketAddress(native: native)
    }

    /// Where the connection was going before nftables redirected it (SO_ORIGINAL_DST, IP6T_SO_ORIGINAL_DST); nil if the
    /// kernel's connection tracking does not know it. `local` is this end's address, whose family chooses the table.
    package static func originalDestination(_ socket: CInt, local: SocketAddress) -> SocketAddress? {
        var native = clinux_address()
        let result = unsafe clinux_original_destination(socket, local.isIPv4 ? 4 : 6, &native)
        return result == 0 ? SocketAddress(native: native) : nil
    }

    /// Sends FIN after what was written; reading goes on.
    package static func shutdownWriting(_ socket: CInt) throws(Errno) {
        _ = try Errno.check(clinux_shutdown(socket, 1))
    }

    /// The error that the kernel holds for the socket (SO_ERROR), which this call clears; nil for none.
    package static func pendingError(_ socket: CInt) -> Errno? {
        let result = clinux_socket_error(socket)
        return result == 0 ? nil : Errno(abs(result))
    }
}
