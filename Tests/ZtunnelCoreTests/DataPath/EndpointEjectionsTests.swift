import HTTPWire
import NodeCore
import Testing
import ZtunnelCore

/// Endpoints that are passed over for a while.
@Suite struct EndpointEjectionsTests {
    private func time(_ seconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test func anEndpointComesBackAfterItsTime() {
        var ejections = EndpointEjections(capacity: 4, duration: .seconds(10))
        let ejected1 = ejections.eject("a", now: time(1))
        #expect(ejected1)
        let current8 = ejections.current(now: time(10))
        #expect(current8 == ["a"])
        let current9 = ejections.current(now: time(11))
        #expect(current9.isEmpty)
    }

    @Test func anAnswerBringsItBackAtOnce() {
        var ejections = EndpointEjections(capacity: 4, duration: .seconds(10))
        let ejected2 = ejections.eject("a", now: time(1))
        #expect(ejected2)
        ejections.restore("a")
        let current10 = ejections.current(now: time(2))
        #expect(current10.isEmpty)
    }

    @Test func theBoundHoldsUntilSomeoneLeaves() {
        var ejections = EndpointEjections(capacity: 2, duration: .seconds(10))
        let ejected3 = ejections.eject("a", now: time(1))
        #expect(ejected3)
        let ejected4 = ejections.eject("b", now: time(5))
        #expect(ejected4)
        let ejected5 = ejections.eject("c", now: time(6))
        #expect(!ejected5)
        let ejected6 = ejections.eject("a", now: time(6))
        #expect(ejected6)
        let ejected7 = ejections.eject("c", now: time(16))
        #expect(ejected7)
        let current11 = ejections.current(now: time(16))
        #expect(current11 == ["c"])
    }
}
