/// The connection's own receive window (RFC 9113 section 6.9): what the peer may send, and when to tell it more.
struct HTTP2ReceiveWindow: Sendable {
    /// What the peer may still send.
    private(set) var available: Int
    /// Bytes handed on and not yet announced.
    private var unannounced = 0
    private var size: Int
    /// What is announced at least, but for small windows.
    private static let leastIncrement = 4_096

    /// All of `size` is available at the start; announcements are batched to half of it, or of what is not held.
    init(size: Int) {
        available = size
        self.size = size
    }

    /// Makes it as large as `size`; returns the increment to announce, 0 where it is already.
    mutating func grow(to size: Int) -> Int {
        let increment = max(0, size - self.size)
        available += increment
        self.size += increment
        return increment
    }

    /// Bytes received and not handed on yet.
    var held: Int { size - available - unannounced }

    /// Takes `count` bytes off; false if the peer had no right to send them.
    mutating func consume(_ count: Int) -> Bool {
        guard count <= available else { return false }
        available -= count
        return true
    }

    /// `count` bytes were handed on; returns the increment to announce, 0 for none yet.
    mutating func credit(_ count: Int) -> Int {
        unannounced += count
        // What others hold for long must not keep the rest of the window from going round; but a peer that sends a byte at a time
        // gets no answer to each.
        guard unannounced >= max(size / 2, 1) || unannounced >= max(available, Self.leastIncrement) else { return 0 }
        let increment = unannounced
        available += increment
        unannounced = 0
        return increment
    }
}
