import LinuxSystem
import MeshRuntime

/// Calls `body` with two channels of one TCP connection over loopback, neither of them started.
func channelPair(
    _ loop: EventLoop, _ body: @escaping (_ client: ByteChannel, _ server: ByteChannel) -> Void
) throws {
    let listening = try Socket.listen(on: .loopback4(port: 0))
    let address = try Socket.localAddress(listening.raw)
    var ends: [ByteChannel] = []
    var listener: Listener?
    listener = try Listener(loop: loop, socket: listening) { socket, peer in
        listener?.close()
        listener = nil
        ends.append(.over(TCPConnection(loop: loop, socket: socket, peer: peer)))
    }
    TCPConnection.connect(
        loop: loop, socket: try Socket.tcp(for: address), to: address, timeout: .seconds(10)
    ) { result in
        guard case .success(let connection) = result else { return }
        when(loop, { ends.count == 1 }) { body(.over(connection), ends[0]) }
    }
}
