internal import CLinux

extension Socket {
    /// Whether `socket` is a TCP socket that listens; false for anything else, also for what is not a socket.
    package static func isListening(_ socket: CInt) -> Bool { clinux_socket_is_listening(socket) == 1 }

    /// Whether `socket` is a datagram socket.
    package static func isDatagram(_ socket: CInt) -> Bool { clinux_socket_is_datagram(socket) == 1 }

    /// The network namespace that `socket` was made in (SIOCGSKNS). Needs CAP_NET_ADMIN there.
    package static func networkNamespace(_ socket: CInt) throws(Errno) -> NetworkNamespace.Identity {
        let namespace = try NetworkNamespace(Descriptor(taking: try Errno.check(clinux_socket_namespace(socket))))
        return namespace.identity
    }

    /// Whether `socket` was made in the network namespace that this process is in now. Needs no capability.
    package static func isOfOwnNamespace(_ socket: CInt) throws(Errno) -> Bool {
        let own = try tcp(for: .any4(port: 0))
        return try namespaceCookie(socket) == namespaceCookie(own.raw)
    }

    /// A number that no other network namespace has since the boot (SO_NETNS_COOKIE).
    private static func namespaceCookie(_ socket: CInt) throws(Errno) -> UInt64 {
        var cookie: UInt64 = 0
        _ = try Errno.check(unsafe clinux_socket_namespace_cookie(socket, &cookie))
        return cookie
    }
}
