/// Counts occurrences against an `HTTP2Rate`, in fixed intervals that begin with the first occurrence after the last.
struct HTTP2RateCounter: Sendable {
    private var start = MonotonicTime(nanoseconds: 0)
    private var count: UInt32 = 0

    /// Counts one occurrence; false if that is one too many.
    mutating func add(_ rate: HTTP2Rate, now: MonotonicTime) -> Bool {
        if count == 0 || now >= start + rate.interval {
            start = now
            count = 0
        }
        guard count < rate.count else { return false }
        count += 1
        return true
    }

    /// Forgives `amount` occurrences.
    mutating func forgive(_ amount: UInt32) {
        count = count > amount ? count - amount : 0
    }
}
