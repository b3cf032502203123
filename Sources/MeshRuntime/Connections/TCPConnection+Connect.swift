package import LinuxSystem

extension TCPConnection {
    /// Connects `socket` (of this loop's caller, with its marks and bindings) to `address`. `completion` is called exactly once, on
    /// the loop, never before this call returns.
    @discardableResult
    package static func connect(
        loop: EventLoop, socket: consuming Descriptor, to address: SocketAddress, timeout: Duration,
        completion: @escaping (Result<TCPConnection, ConnectFailure>) -> Void
    ) -> ConnectAttempt {
        let connection = TCPConnection(connecting: loop, socket: socket, peer: address)
        let attempt = ConnectAttempt(connection, timeout, completion)
        attempt.start()
        return attempt
    }
}
