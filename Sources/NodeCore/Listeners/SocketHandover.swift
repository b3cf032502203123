package import LinuxSystem
import Synchronization

/// A socket on its way from one owner to another: from the thread that opened it to the worker that will accept on it, or
/// past a wait for a certificate. A socket that nobody takes is closed with this object. Thread: any.
package final class SocketHandover: Sendable {
    private let slot: Mutex<Descriptor?>
    /// For a stored listening socket: to be held for as long as it is served.
    package let lease: SocketLease?

    /// Takes the socket over.
    package init(_ socket: consuming Descriptor, lease: SocketLease? = nil) {
        slot = Mutex(consume socket)
        self.lease = lease
    }

    /// Takes over what came with a message; nil if nothing did.
    package init?(_ socket: consuming Descriptor?) {
        guard let socket else { return nil }
        slot = Mutex(consume socket)
        lease = nil
    }

    /// Gives the socket up; nil when it has been taken already.
    package func take() -> Descriptor? {
        slot.withLock { slot in
            let taken = slot.take()
            return taken
        }
    }
}
