import HTTPWire
import NodeCore
import Testing
import ZtunnelCore

/// How long an outbound attempt waits for a ztunnel that restarts.
@Suite struct ConnectPatienceTests {
    private func time(_ milliseconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    @Test func pausesGrowAndNoRoundBeginsAfterTheDeadline() {
        var patience = ConnectPatience(until: time(3_000))
        var now: Duration = .zero
        var pauses: [Duration] = []
        patience.note(.peerAbsent("refused"))
        while let pause = patience.nextRound(now: time(0) + now) {
            pauses.append(pause)
            now += pause
            patience.note(.tunnelClosed("gone"))
        }
        #expect(pauses == [50, 100, 200, 400, 800, 1000].map { .milliseconds($0) })
    }

    @Test func whatDoesNotPassIsNotWaitedFor() {
        let failures: [ConnectionFailure] = [
            .httpStatus(503), .connectFailed("no route to host"), .tls("unknown CA"), .streamReset("CANCEL"),
            .tunnelTimeout,
        ]
        for failure in failures {
            var patience = ConnectPatience(until: time(10_000))
            patience.note(failure)
            let pause = patience.nextRound(now: time(0))
            #expect(pause == nil, "\(failure.message)")
        }
    }

    @Test func eachRoundNeedsAReasonOfItsOwn() {
        var patience = ConnectPatience(until: time(10_000))
        patience.note(.tls("the connection broke", isBroken: true))
        patience.note(.httpStatus(503))
        let first = patience.nextRound(now: time(0))
        #expect(first == ConnectPatience.firstPause)
        patience.note(.httpStatus(503))
        let second = patience.nextRound(now: time(50))
        #expect(second == nil)
    }
}
