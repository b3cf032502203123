import HTTPWire
import Testing
import ZtunnelCore

/// Endpoints that are passed over for a while.
@Suite struct EndpointEjectionsTests {
    private func time(_ seconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test func anEndpointComesBackAfterItsTime() {
        var ejections = EndpointEjections(capacity: 4, duration: .seconds(10))
        #expect(ejections.eject("a", now: time(1)))
        #expect(ejections.current(now: time(10)) == ["a"])
        #expect(ejections.current(now: time(11)).isEmpty)
    }

    @Test func anAnswerBringsItBackAtOnce() {
        var ejections = EndpointEjections(capacity: 4, duration: .seconds(10))
        #expect(ejections.eject("a", now: time(1)))
        ejections.restore("a")
        #expect(ejections.current(now: time(2)).isEmpty)
    }

    @Test func theBoundHoldsUntilSomeoneLeaves() {
        var ejections = EndpointEjections(capacity: 2, duration: .seconds(10))
        #expect(ejections.eject("a", now: time(1)))
        #expect(ejections.eject("b", now: time(5)))
        #expect(!ejections.eject("c", now: time(6)))
        #expect(ejections.eject("a", now: time(6)))
        #expect(ejections.eject("c", now: time(16)))
        #expect(ejections.current(now: time(16)) == ["c"])
    }
}
