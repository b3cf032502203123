/// The connection's own receive window (RFC 9113 section 6.9): what the peer may send, and when to tell it more.
struct HTTP2ReceiveWindow: Sendable {
    /// What the peer may still send.
    private(set) var available: Int
    /// Bytes handed on and not yet announced.
    private var unannounced = 0
    private let threshold: Int
    private let size: Int

    /// `available` at the start; announcements are batched to half of `size`.
    init(available: Int, size: Int) {
        self.available = available
        threshold = max(size / 2, 1)
        self.size = size
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
        guard unannounced >= threshold else { return 0 }
        let increment = unannounced
        available += increment
        unannounced = 0
        return increment
    }
}
