/// Streams that wait for the connection's send window, first come first served.
///
/// When the window opens all are woken in order, and until each has reserved once none gets more than its share: one
/// greedy stream cannot starve the others. A stream is in the queue at most once (its `queued` flag).
struct HTTP2SendQueue: Sendable {
    /// A share never falls below one frame of the usual size.
    static let smallestShare = 16_384

    private var waiting: [UInt32] = []
    /// Woken streams that have not reserved yet.
    private(set) var claimants = 0

    /// True if a stream waits.
    var isEmpty: Bool { waiting.isEmpty }

    /// Adds `id` at the end.
    mutating func append(_ id: UInt32) {
        waiting.append(id)
    }

    /// Takes `id` out wherever it is; for streams that are reset.
    mutating func remove(_ id: UInt32) {
        waiting.removeAll { $0 == id }
    }

    /// All waiting streams in order; they become claimants.
    mutating func takeAll() -> [UInt32] {
        let woken = waiting
        waiting = []
        claimants = woken.count
        return woken
    }

    /// A woken stream reserved or ended.
    mutating func claimantDone() {
        if claimants > 0 { claimants -= 1 }
    }

    /// What one stream may take of `window` now.
    func share(of window: Int) -> Int {
        claimants <= 1 ? window : min(window, max(window / claimants, Self.smallestShare))
    }

    /// Forgets everything.
    mutating func removeAll() {
        waiting = []
        claimants = 0
    }
}
