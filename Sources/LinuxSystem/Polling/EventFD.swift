internal import CLinux

/// A counter of the kernel that wakes an epoll loop. `signal` from any thread; the rest belongs to the loop.
package struct EventFD: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// Makes a counter at zero.
    package init() throws(Errno) {
        descriptor = Descriptor(taking: try Errno.check(clinux_eventfd()))
    }

    /// The descriptor to watch for reading.
    package var raw: CInt { descriptor.raw }

    /// Makes the descriptor readable. Cannot fail in a way that loses a wake-up: a full counter is readable already.
    package borrowing func signal() {
        var one: UInt64 = 1
        _ = unsafe clinux_write(descriptor.raw, &one, 8)
    }

    /// Sets the counter back to zero.
    package borrowing func clear() {
        var count: UInt64 = 0
        _ = unsafe clinux_read(descriptor.raw, &count, 8)
    }
}
