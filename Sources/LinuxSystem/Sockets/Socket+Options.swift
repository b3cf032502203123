internal import CLinux

extension Socket {
    /// TCP_NODELAY: small writes leave at once.
    package static func setNoDelay(_ socket: CInt, _ on: Bool = true) throws(Errno) {
        _ = try Errno.check(clinux_set_no_delay(socket, on ? 1 : 0))
    }

    /// SO_KEEPALIVE with ztunnel's intervals: first probe after 180 s, then each 180 s, dead after 9.
    package static func setKeepAlive(
        _ socket: CInt, idleSeconds: CInt = 180, intervalSeconds: CInt = 180, probes: CInt = 9
    ) throws(Errno) {
        _ = try Errno.check(clinux_set_keep_alive(socket, idleSeconds, intervalSeconds, probes))
    }

    /// SO_MARK, by which the capture rules know the proxy's own packets. Needs CAP_NET_ADMIN.
    package static func setMark(_ socket: CInt, _ mark: UInt32) throws(Errno) {
        _ = try Errno.check(clinux_set_mark(socket, mark))
    }

    /// The mark of the socket.
    package static func mark(_ socket: CInt) throws(Errno) -> UInt32 {
        var mark: UInt32 = 0
        _ = try Errno.check(unsafe clinux_get_mark(socket, &mark))
        return mark
    }

    /// IP_TRANSPARENT or IPV6_TRANSPARENT: may bind to an address of another host. Needs CAP_NET_ADMIN.
    package static func setTransparent(_ socket: CInt, isIPv4: Bool) throws(Errno) {
        _ = try Errno.check(clinux_set_transparent(socket, isIPv4 ? 4 : 6))
    }

    /// Whether IP_TRANSPARENT or IPV6_TRANSPARENT is set; false where the kernel does not say.
    package static func isTransparent(_ socket: CInt, isIPv4: Bool) -> Bool {
        clinux_get_transparent(socket, isIPv4 ? 4 : 6) == 1
    }

    /// IP_FREEBIND or IPV6_FREEBIND: may bind to an address that is not configured yet.
    package static func setFreebind(_ socket: CInt, isIPv4: Bool) throws(Errno) {
        _ = try Errno.check(clinux_set_freebind(socket, isIPv4 ? 4 : 6))
    }

    /// IP_BIND_ADDRESS_NO_PORT: a bind to port 0 takes only the address; the port is chosen at connect, when the
    /// destination is known, so that one source address is not limited to the ports of one range. For both families.
    package static func setBindAddressNoPort(_ socket: CInt) throws(Errno) {
        _ = try Errno.check(clinux_set_bind_address_no_port(socket))
    }

    /// SO_REUSEADDR.
    package static func setReuseAddress(_ socket: CInt, _ on: Bool) throws(Errno) {
        _ = try Errno.check(clinux_set_reuse_address(socket, on ? 1 : 0))
    }

    /// SO_REUSEPORT: several listeners on one address, the kernel spreads connections.
    package static func setReusePort(_ socket: CInt, _ on: Bool) throws(Errno) {
        _ = try Errno.check(clinux_set_reuse_port(socket, on ? 1 : 0))
    }

    /// IPV6_V6ONLY: false lets an IPv6 listener take IPv4.
    package static func setV6Only(_ socket: CInt, _ on: Bool) throws(Errno) {
        _ = try Errno.check(clinux_set_v6_only(socket, on ? 1 : 0))
    }

    /// SO_SNDBUF and SO_RCVBUF; turns the kernel's automatic sizing off, so only tests use it.
    package static func setBufferSizes(_ socket: CInt, send: CInt, receive: CInt) throws(Errno) {
        _ = try Errno.check(clinux_set_buffer_sizes(socket, send, receive))
    }

    /// SIOCOUTQ: bytes that the kernel has of this end and that the other one has not acknowledged; 0 where it does not say.
    package static func unacknowledgedBytes(_ socket: CInt) -> Int { max(Int(clinux_unacknowledged(socket)), 0) }

    /// SO_LINGER 0: the next close sends RST and drops what was not sent.
    package static func setResetOnClose(_ socket: CInt) throws(Errno) {
        _ = try Errno.check(clinux_set_reset_on_close(socket))
    }
}
