/// When to act on a burst of changes: after a quiet period, or at the latest some time after the first. Pure.
package struct Debounce: Sendable {
    private let quietPeriod: Duration
    private let longestDelay: Duration
    private var first: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?

    /// Takes the two times; see `DiscoveryLimits.quietPeriod` and `longestDelay`.
    package init(quietPeriod: Duration, longestDelay: Duration) {
        self.quietPeriod = quietPeriod
        self.longestDelay = longestDelay
    }

    /// A change arrived.
    package mutating func changeArrived(at now: ContinuousClock.Instant) {
        if first == nil { first = now }
        last = now
    }

    /// When to act; nil while nothing changed.
    package var deadline: ContinuousClock.Instant? {
        guard let first, let last else { return nil }
        return min(last.advanced(by: quietPeriod), first.advanced(by: longestDelay))
    }

    /// Forgets the burst: it was acted on.
    package mutating func reset() {
        first = nil
        last = nil
    }
}
