package import LinuxSystem

/// Makes the sockets of one workload: in its network namespace, marked so that the capture rules leave them alone.
///
/// A socket stays in the namespace where it was made, so only its making enters the namespace (a pair of setns(2), about
/// three microseconds). Usable on any thread, since the namespace is a property of the calling thread and is restored.
package struct WorkloadSockets: Sendable {
    private let namespace: NetworkNamespace?
    private let mark: UInt32?
    private let applicationMark: UInt32?

    /// Sockets in `namespace` (nil: the process's own), with `mark` on each, but `applicationMark` on those that lead to
    /// the application.
    package init(namespace: NetworkNamespace?, mark: UInt32?, applicationMark: UInt32? = nil) {
        self.namespace = namespace
        self.mark = mark
        self.applicationMark = applicationMark
    }

    /// A socket ready to connect to `destination`, which may be another host's.
    package func connecting(to destination: SocketAddress) throws(Errno) -> Descriptor {
        let socket = try make(destination, mark)
        try Socket.setKeepAlive(socket.raw)
        return socket
    }

    /// A socket ready to connect to the workload's application at `destination`. With `source`, it is bound to that
    /// address, whether the host owns it or not, and to any free port. No keep-alive: the kernel is the same on both ends.
    package func connecting(
        toApplication destination: SocketAddress, from source: SocketAddress?
    ) throws(Errno) -> Descriptor {
        let socket = try make(destination, applicationMark)
        if let source {
            try Socket.setTransparent(socket.raw, isIPv4: source.isIPv4)
            try Socket.setBindAddressNoPort(socket.raw)
            try Socket.bind(socket.raw, to: source)
        }
        return socket
    }

    /// A listening socket, which all workers accept from. Where `transparency` and the kernel allow it,
    /// it may use addresses that are not the host's (IP_TRANSPARENT).
    package func listening(
        on address: SocketAddress, transparency: SourceAddressMode
    ) throws(Errno) -> Descriptor {
        let open = { () throws(Errno) -> Descriptor in
            try Socket.listen(on: address) { socket throws(Errno) in
                if !address.isIPv4 { try Socket.setV6Only(socket, false) }
                try configure(socket, address, transparency)
            }
        }
        return if let namespace { try namespace.run(open) } else { try open() }
    }

    /// Sets on a listening socket what may differ between two processes.
    func configure(_ socket: CInt, _ address: SocketAddress, _ mode: SourceAddressMode) throws(Errno) {
        if let mark { try Socket.setMark(socket, mark) }
        guard mode != .disable else { return }
        do throws(Errno) {
            try Socket.setTransparent(socket, isIPv4: address.isIPv4)
        } catch {
            if mode == .require { throw error }
        }
    }

    private func make(_ address: SocketAddress, _ mark: UInt32?) throws(Errno) -> Descriptor {
        let open = { () throws(Errno) -> Descriptor in try Socket.tcp(for: address) }
        let socket = if let namespace { try namespace.run(open) } else { try open() }
        if let mark { try Socket.setMark(socket.raw, mark) }
        return socket
    }
}
