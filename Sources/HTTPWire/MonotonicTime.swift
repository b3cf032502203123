/// A point on the monotonic clock, in nanoseconds. The cores of this module never read a clock: the loop that owns
/// them reads it once a turn and hands it in.
///
/// Arithmetic saturates at both ends, so a nonsensical duration can delay a deadline but never trap.
package struct MonotonicTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary start, the same for all values of one process.
    package var nanoseconds: UInt64

    /// Wraps a reading of `CLOCK_MONOTONIC`.
    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// Earlier times are smaller.
    package static func < (left: Self, right: Self) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The time that lies `duration` later; a negative duration counts as zero.
    package static func + (time: Self, duration: Duration) -> Self {
        time.later(saturatedNanoseconds(duration))
    }

    /// The time that lies so many nanoseconds later.
    func later(_ distance: UInt64) -> Self {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(distance)
        return Self(nanoseconds: overflow ? .max : sum)
    }

    /// The distance from `right` to `left`, zero if `right` is the later one.
    package static func - (left: Self, right: Self) -> Duration {
        guard left.nanoseconds > right.nanoseconds else { return .zero }
        let distance = left.nanoseconds &- right.nanoseconds
        return .nanoseconds(Int64(clamping: distance))
    }

    /// `duration` in whole nanoseconds, held between 0 and `UInt64.max`.
    static func saturatedNanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        return overflow || carry ? .max : sum
    }
}
