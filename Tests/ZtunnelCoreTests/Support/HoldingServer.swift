import Glibc
import Synchronization

/// An application that takes connections, reads and answers nothing, and lets them go all at once.
final class HoldingServer: Sendable {
    private let listener: TestSocket
    private let held = Mutex<[TestSocket]>([])

    /// Takes connections on `port` in the calling thread's network namespace.
    init(port: UInt16) throws {
        listener = try TestSocket.listen(port)
        let listener = self.listener
        TestThread.start { [weak self] in
            while let socket = try? listener.accept() {
                self?.held.withLock { $0.append(socket) }
            }
        }
    }

    deinit { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }

    var count: Int { held.withLock { $0.count } }

    func release() { held.withLock { $0.removeAll() } }
}
