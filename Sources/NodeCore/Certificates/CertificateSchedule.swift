package import HTTPWire
package import MeshModel

/// Which identities to ask a certificate for, when, and in which order (Z 5.4).
///
/// Pure: time and randomness are arguments. It holds one entry per identity that this node hosts, so its size is bounded
/// by the number of enrolments.
package struct CertificateSchedule: Sendable {
    /// Why a certificate is wanted; more urgent is greater.
    package enum Priority: Int, Comparable, Sendable {
        /// A certificate is there and past half of its life.
        case renewal
        /// The identity was enrolled; nobody waits yet.
        case enrolment
        /// A connection waits.
        case connection

        /// Less urgent is smaller.
        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Requests that run at once.
    package static let concurrency = 8
    /// The first wait after a failure.
    package static let firstRetry: Duration = .seconds(1)
    /// The longest wait after failures.
    package static let retryLimit: Duration = .seconds(150)

    private struct Entry {
        var priority: Priority
        var due: MonotonicTime
        var isRunning = false
        var backoff = Backoff(first: CertificateSchedule.firstRetry, limit: CertificateSchedule.retryLimit)
        /// Failures since the last success: a waiting connection does not shorten the backoff.
        var failures = 0
    }

    private var entries: [SPIFFEIdentity: Entry] = [:]
    private var running = 0

    /// Nothing is wanted.
    package init() {}

    /// Identities that are looked after.
    package var count: Int { entries.count }

    /// Wants a certificate for `identity`, now. An identity that is wanted already becomes more urgent, never less.
    package mutating func want(_ identity: SPIFFEIdentity, _ priority: Priority, now: MonotonicTime) {
        guard var entry = entries[identity] else {
            entries[identity] = Entry(priority: priority, due: now)
            return
        }
        guard !entry.isRunning else { return }
        entry.priority = max(entry.priority, priority)
        if entry.failures == 0 { entry.due = min(entry.due, now) }
        entries[identity] = entry
    }

    /// Looks after a certificate that is there: it is renewed `after` that time.
    package mutating func hold(_ identity: SPIFFEIdentity, renewAfter wait: Duration, now: MonotonicTime) {
        entries[identity] = Entry(priority: .renewal, due: now + wait)
    }

    /// The last workload of `identity` is gone.
    package mutating func forget(_ identity: SPIFFEIdentity) {
        guard let entry = entries.removeValue(forKey: identity), entry.isRunning else { return }
        running -= 1
    }

    /// Takes the identities to ask for now: most urgent first, then longest due, never more than `concurrency` at once.
    package mutating func take(now: MonotonicTime) -> [SPIFFEIdentity] {
        let free = Self.concurrency - running
        guard free > 0 else { return [] }
        let due = entries.filter { !$0.value.isRunning && $0.value.due <= now }.sorted { left, right in
            (right.value.priority, left.value.due, left.key.uri) < (left.value.priority, right.value.due, right.key.uri)
        }
        let taken = due.prefix(free).map(\.key)
        for identity in taken { entries[identity]?.isRunning = true }
        running += taken.count
        return taken
    }

    /// A request brought a certificate that is valid for `lifetime` in all and `remaining` from now: it is renewed when half of
    /// its life is over, give or take 5 % of it.
    package mutating func succeeded(
        _ identity: SPIFFEIdentity, lifetime: Duration, remaining: Duration, now: MonotonicTime,
        random: inout some RandomNumberGenerator
    ) {
        guard let entry = entries[identity], entry.isRunning else { return }
        running -= 1
        let wait = Self.renewalWait(lifetime: lifetime, remaining: remaining, random: &random)
        // A server that hands out certificates past their half-life must not be asked in a tight loop.
        entries[identity] = Entry(priority: .renewal, due: now + max(wait, Self.firstRetry))
    }

    /// A request failed; the next one waits.
    package mutating func failed(
        _ identity: SPIFFEIdentity, now: MonotonicTime, random: inout some RandomNumberGenerator
    ) {
        guard var entry = entries[identity], entry.isRunning else { return }
        running -= 1
        entry.isRunning = false
        entry.failures += 1
        entry.due = now + entry.backoff.next(random: &random)
        entries[identity] = entry
    }

    /// When `take` has something to give next; nil: nothing is scheduled, or all places are taken.
    package var nextDue: MonotonicTime? {
        guard running < Self.concurrency else { return nil }
        return entries.values.lazy.filter { !$0.isRunning }.map(\.due).min()
    }

    /// The time until half of the life is over, within 5 % of the life, never negative.
    package static func renewalWait(
        lifetime: Duration, remaining: Duration, random: inout some RandomNumberGenerator
    ) -> Duration {
        max(.zero, remaining - lifetime * Double.random(in: 0.45...0.55, using: &random))
    }
}
