import HTTPWire
import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// When and in which order certificates are asked for; time and randomness are given.
@Suite struct CertificateScheduleTests {
    private struct Steady: RandomNumberGenerator {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
    }

    private let start = MonotonicTime(nanoseconds: 1_000)
    private func identity(_ name: String) -> SPIFFEIdentity {
        SPIFFEIdentity(trustDomain: "cluster.local", namespace: "n", serviceAccount: name)
    }

    @Test func waitingConnectionsGoFirst() {
        var schedule = CertificateSchedule()
        schedule.hold(identity("old"), renewAfter: .zero, now: start)
        schedule.want(identity("new"), .enrolment, now: start)
        schedule.want(identity("waiting"), .connection, now: start)
        #expect(schedule.take(now: start) == [identity("waiting"), identity("new"), identity("old")])
        #expect(schedule.take(now: start).isEmpty)
    }

    @Test func atMostEightRunAtOnce() {
        var schedule = CertificateSchedule()
        for number in 0..<20 { schedule.want(identity("\(number)"), .enrolment, now: start) }
        let first = schedule.take(now: start)
        #expect(first.count == CertificateSchedule.concurrency)
        #expect(schedule.nextDue == nil)
        var random = Steady()
        schedule.failed(first[0], now: start, random: &random)
        #expect(schedule.take(now: start).count == 1)
        schedule.forget(first[1])
        #expect(schedule.take(now: start).count == 1)
        #expect(schedule.count == 19)
    }

    @Test func failuresBackOffToALimitAndSuccessResets() {
        var schedule = CertificateSchedule()
        var random = Steady()
        var now = start
        var waits: [Duration] = []
        schedule.want(identity("a"), .connection, now: now)
        for _ in 0..<12 {
            #expect(schedule.take(now: now) == [identity("a")])
            schedule.failed(identity("a"), now: now, random: &random)
            // A connection that waits does not make a failing authority be asked more often.
            schedule.want(identity("a"), .connection, now: now)
            let due = schedule.nextDue ?? now
            waits.append(due - now)
            now = due
        }
        #expect(waits[0] >= .milliseconds(800) && waits[0] <= .milliseconds(1200))
        #expect(zip(waits, waits.dropFirst()).prefix(6).allSatisfy { $1 > $0 })
        #expect(waits.allSatisfy { $0 <= CertificateSchedule.retryLimit * 1.2 })
        #expect(waits.last.map { $0 >= CertificateSchedule.retryLimit * 0.8 } == true)
        _ = schedule.take(now: now)
        schedule.succeeded(identity("a"), lifetime: .seconds(100), remaining: .seconds(100), now: now, random: &random)
        let renewal = (schedule.nextDue ?? now) - now
        #expect(renewal >= .seconds(44) && renewal <= .seconds(56))
    }

    @Test func aCertificatePastItsHalfLifeIsNotAskedForInATightLoop() {
        var schedule = CertificateSchedule()
        var random = Steady()
        schedule.want(identity("a"), .enrolment, now: start)
        _ = schedule.take(now: start)
        schedule.succeeded(identity("a"), lifetime: .seconds(100), remaining: .seconds(1), now: start, random: &random)
        #expect(((schedule.nextDue ?? start) - start) >= CertificateSchedule.firstRetry)
    }

    @Test func backoffStaysWithinTwentyPercentOfItsSteps() {
        var backoff = Backoff(first: .milliseconds(20), limit: .seconds(15))
        var random = Steady()
        var step = 20.0
        for _ in 0..<20 {
            let wait = backoff.next(random: &random) / .milliseconds(1)
            #expect(wait >= step * 0.79 && wait <= step * 1.21)
            step = min(step * 2, 15_000)
        }
        backoff.reset()
        #expect(backoff.next(random: &random) <= .milliseconds(24))
    }
}
