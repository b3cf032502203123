import HTTPWire
import MeshModel
import Testing
import ZtunnelCore

/// Thresholds, delay and period, on a clock that the test turns.
@Suite struct ProbeScheduleTests {
    private static func time(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: 0) + .seconds(seconds) }

    private func probe(
        delay: UInt32 = 0, period: UInt32 = 10, success: UInt32 = 1, failure: UInt32 = 3
    ) -> ReadinessProbe {
        ReadinessProbe(
            .tcpSocket(port: 80, host: ""), initialDelaySeconds: delay, periodSeconds: period,
            successThreshold: success,
            failureThreshold: failure)
    }

    /// The verdicts after each of the answers.
    private func verdicts(_ probe: ReadinessProbe, _ answers: [Bool]) -> [ProbeSchedule.Health] {
        var schedule = ProbeSchedule(probe, now: Self.time(0))
        var now = Self.time(0)
        return answers.map { answer in
            now = schedule.nextQuestion ?? now
            schedule.begin(now: now)
            let before = schedule.health
            let hasChanged = schedule.answered(answer, now: now)
            #expect(hasChanged == (before != schedule.health))
            return schedule.health
        }
    }

    @Test func defaultsAreThoseOfIstio() {
        let probe = ReadinessProbe(.tcpSocket(port: 80, host: ""))
        #expect(probe.initialDelaySeconds == 0 && probe.timeoutSeconds == 1 && probe.periodSeconds == 10)
        #expect(probe.successThreshold == 1 && probe.failureThreshold == 3)
    }

    @Test func verdictsFollowTheThresholds() {
        #expect(
            verdicts(probe(), [true, false, false, false, true]) == [
                .healthy, .healthy, .healthy, .unhealthy, .healthy,
            ])
        #expect(
            verdicts(probe(), [false, false, true, false, false]) == [.unknown, .unknown, .healthy, .healthy, .healthy])
        #expect(verdicts(probe(failure: 1), [false, true, false]) == [.unhealthy, .healthy, .unhealthy])
        // A failure in between begins the count of successes again.
        #expect(verdicts(probe(success: 2), [true, false, true, true]) == [.unknown, .unknown, .unknown, .healthy])
        #expect(
            verdicts(probe(success: 2, failure: 1), [true, true, false, true, true])
                == [.unknown, .healthy, .unhealthy, .unhealthy, .healthy])
    }

    @Test func questionsComeAfterTheDelayAndInThePeriod() {
        var schedule = ProbeSchedule(probe(delay: 7), now: Self.time(100))
        #expect(schedule.nextQuestion == Self.time(107))
        schedule.begin(now: Self.time(107))
        #expect(schedule.nextQuestion == nil)
        _ = schedule.answered(true, now: Self.time(109))
        #expect(schedule.nextQuestion == Self.time(117))
        // An answer that took longer than the period is followed by the next question at once.
        schedule.begin(now: Self.time(117))
        _ = schedule.answered(true, now: Self.time(131))
        #expect(schedule.nextQuestion == Self.time(131))
    }

    @Test func anAnswerWithoutAQuestionChangesNothing() {
        var schedule = ProbeSchedule(probe(failure: 1), now: Self.time(0))
        let before = schedule
        let hasChanged = schedule.answered(false, now: Self.time(1))
        #expect(!hasChanged)
        #expect(schedule == before)
    }
}
