import LinuxSystem

@testable import MeshRuntime

/// Carries bytes between a client and a server, and those from the server only while it is not stalled: a client that does not read.
final class StallingHop {
    let loop: EventLoop
    private var client: TCPConnection?
    private var server: TCPConnection?
    private(set) var isStalled = false
    private var listener: Listener?
    /// How what the client has sent is written to the server.
    var forward: (TCPConnection, [UInt8]) -> Void = { $0.write($1) }

    init(_ loop: EventLoop) { self.loop = loop }

    /// Listens; what connects is carried to `server`.
    func listen(towards server: SocketAddress) throws -> SocketAddress {
        let socket = try Socket.listen(on: .loopback4(port: 0))
        let address = try Socket.localAddress(socket.raw)
        listener = try Listener(loop: loop, socket: socket) { [self] accepted, peer in
            let near = TCPConnection(loop: loop, socket: accepted, peer: peer)
            guard let socket = try? Socket.tcp(for: server) else { return }
            try? Socket.setBufferSizes(socket.raw, send: 4096, receive: 4096)
            TCPConnection.connect(loop: loop, socket: socket, to: server, timeout: .seconds(10)) { [self] in
                if case .success(let far) = $0 { carry(near, far) }
            }
        }
        return address
    }

    private func carry(_ near: TCPConnection, _ far: TCPConnection) {
        client = near
        server = far
        near.read(onBytes: { [self] in forward(far, Array($0)) }, onEnd: { _ in far.finishWriting() })
        pump()
    }

    /// Nothing of the server's passes any more.
    func stall() { isStalled = true }

    /// All of it passes again.
    func resume() { isStalled = false }

    /// Reads without the loop, so that what is not to be read stays with the kernel.
    private func pump() {
        guard let client, let server, server.isOpen else { return }
        if !isStalled {
            while let bytes = try? Transfer.receive(server.raw, upTo: 65_536) {
                guard !bytes.isEmpty else {
                    client.finishWriting()
                    return
                }
                client.write(bytes)
            }
        }
        loop.schedule(after: .milliseconds(1)) { [self] in pump() }
    }
}
