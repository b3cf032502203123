import Glibc
import Synchronization

/// An application of a test: a listener whose connections are each answered by a thread.
final class TestServer: Sendable {
    private let listener: TestSocket
    private let hosts = Mutex<[String]>([])

    /// Serves `port` in the calling thread's network namespace with `serve`, until this object goes.
    init(port: UInt16, on host: String = "::", _ serve: @escaping @Sendable (TestSocket) -> Void) throws {
        listener = try TestSocket.listen(port, on: host)
        let listener = self.listener
        TestThread.start { [weak self] in
            while let socket = try? listener.accept() {
                self?.hosts.withLock { $0.append(socket.peerHost) }
                TestThread.start { serve(socket) }
            }
        }
    }

    deinit { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }

    /// Clients seen so far, oldest first.
    var clients: [String] { hosts.withLock(\.self) }

    /// Sends back what comes, and ends when the client ends.
    static func echo(_ socket: TestSocket) {
        while case .text(let text) = socket.receive() {
            if !socket.send(text) { return }
        }
        socket.finishSending()
    }

    /// Sends `name`, then echoes.
    static func naming(_ name: String) -> @Sendable (TestSocket) -> Void {
        { socket in
            socket.send(name)
            echo(socket)
        }
    }
}
