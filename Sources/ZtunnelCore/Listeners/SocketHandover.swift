package import LinuxSystem
import Synchronization

/// A socket on its way from one owner to another: from the thread that opened it to the worker that will accept on it, or
/// past a wait for a certificate. A socket that nobody takes is closed with this object. Thread: any.
package final class SocketHandover: Sendable {
    private let slot: Mutex<Descriptor?>

    /// Takes the socket over.
    package init(_ socket: consuming Descriptor) {
        slot = Mutex(consume socket)
    }

    /// Gives the socket up; nil when it has been taken already.
    package func take() -> Descriptor? {
        slot.withLock { slot in
            let taken = slot.take()
            return taken
        }
    }
}
