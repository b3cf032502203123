package import HTTPWire
package import MeshModel

/// When a workload is asked, and what follows from its answers (I 1.4: thresholds, delay, period). Pure; time is an argument.
package struct ProbeSchedule: Equatable, Sendable {
    /// What the answers so far say.
    package enum Health: String, Sendable {
        /// Too few answers for a verdict.
        case unknown
        case healthy
        case unhealthy
    }

    private enum Phase: Equatable, Sendable {
        /// The next question is due then.
        case waiting(until: MonotonicTime)
        /// A question was begun then and is not answered.
        case asking(since: MonotonicTime)
    }

    private let probe: ReadinessProbe
    private var phase: Phase
    private var successes: UInt32 = 0
    private var failures: UInt32 = 0
    /// The verdict.
    package private(set) var health = Health.unknown

    /// Begins to ask after the probe's initial delay.
    package init(_ probe: ReadinessProbe, now: MonotonicTime) {
        self.probe = probe
        phase = .waiting(until: now + .seconds(Int64(probe.initialDelaySeconds)))
    }

    /// When to ask next; nil while a question is open.
    package var nextQuestion: MonotonicTime? {
        if case .waiting(let time) = phase { time } else { nil }
    }

    /// A question was begun.
    package mutating func begin(now: MonotonicTime) {
        phase = .asking(since: now)
    }

    /// The open question was answered; true if the verdict is another one now. An answer without a question changes nothing.
    ///
    /// The period counts from question to question; one that took longer is followed by the next at once.
    package mutating func answered(_ isGood: Bool, now: MonotonicTime) -> Bool {
        guard case .asking(let since) = phase else { return false }
        phase = .waiting(until: max(now, since + .seconds(Int64(probe.periodSeconds))))
        let before = health
        if isGood {
            failures = 0
            successes = min(successes + 1, probe.successThreshold)
            if successes >= probe.successThreshold { health = .healthy }
        } else {
            successes = 0
            failures = min(failures + 1, probe.failureThreshold)
            if failures >= probe.failureThreshold { health = .unhealthy }
        }
        return health != before
    }
}
