/// How long to wait before the next attempt: doubling from `first` to `limit`, each wait within 20 % of its step, so that
/// nodes that lost their control plane together do not come back together. Pure; randomness is an argument.
package struct Backoff: Sendable {
    /// The first wait.
    package let first: Duration
    /// The longest step.
    package let limit: Duration
    private var step: Duration

    /// Starts at `first`.
    package init(first: Duration, limit: Duration) {
        self.first = first
        self.limit = limit
        step = first
    }

    /// The next wait; the one after it is twice as long.
    package mutating func next(random: inout some RandomNumberGenerator) -> Duration {
        let wait = step * Double.random(in: 0.8...1.2, using: &random)
        step = min(step * 2, limit)
        return wait
    }

    /// Back to `first`, after a success.
    package mutating func reset() {
        step = first
    }
}
