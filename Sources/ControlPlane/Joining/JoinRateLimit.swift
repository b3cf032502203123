/// How often strangers may ask, and one address be wrong. Pure: time is an argument. Bounded by `JoinLimits.addresses`.
///
/// Guessing a 256-bit secret is hopeless anyway; this bounds what the attempts cost: the disk, the log, the processor.
package struct JoinRateLimit: Sendable {
    /// A bucket that fills at a steady rate and is emptied by use.
    private struct Bucket: Sendable {
        let capacity: Double
        var tokens: Double
        var filled: ContinuousClock.Instant

        init(perMinute: Int, now: ContinuousClock.Instant) {
            capacity = Double(perMinute)
            tokens = capacity
            filled = now
        }

        mutating func fill(_ now: ContinuousClock.Instant) {
            let seconds = (now - filled) / Duration.seconds(1)
            tokens = min(capacity, tokens + max(0, seconds) * capacity / 60)
            filled = now
        }

        mutating func take(_ now: ContinuousClock.Instant) -> Bool {
            fill(now)
            guard tokens >= 1 else { return false }
            tokens -= 1
            return true
        }
    }

    /// What an address beyond the bound is counted under.
    private static let others = "others"

    private let limits: JoinLimits
    private var all: Bucket
    private var refusals: [String: Bucket] = [:]

    /// Full buckets.
    package init(limits: JoinLimits, now: ContinuousClock.Instant) {
        self.limits = limits
        all = Bucket(perMinute: limits.requestsPerMinute, now: now)
    }

    /// Whether a request of `address` may be looked at.
    package mutating func admits(_ address: String, now: ContinuousClock.Instant) -> Bool {
        guard all.take(now) else { return false }
        guard var bucket = refusals[key(address)] else { return true }
        bucket.fill(now)
        // A full bucket says nothing: it is forgotten.
        refusals[key(address)] = bucket.tokens >= bucket.capacity ? nil : bucket
        return bucket.tokens >= 1
    }

    /// A request of `address` was refused.
    package mutating func refused(_ address: String, now: ContinuousClock.Instant) {
        let key = key(address)
        var bucket = refusals[key] ?? Bucket(perMinute: limits.refusalsPerMinute, now: now)
        _ = bucket.take(now)
        refusals[key] = bucket
    }

    /// Addresses that are counted; for the test of the bound.
    package var count: Int { refusals.count }

    private func key(_ address: String) -> String {
        refusals[address] != nil || refusals.count < limits.addresses ? address : Self.others
    }
}
