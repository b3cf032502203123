import HTTPWire
import Testing

@testable import WaypointCore

/// When what lacks this process holds.
struct MembershipTests {
    private static func second(_ count: UInt64) -> MonotonicTime {
        MonotonicTime(nanoseconds: count * 1_000_000_000)
    }

    /// The steps of states that came at these seconds, whole or not.
    private static func steps(
        from start: Membership = .member, _ states: [(second: UInt64, isWhole: Bool)]
    ) -> [Membership.Step] {
        var membership = start
        return states.map { membership.next(isWhole: $0.isWhole, isLeaving: false, now: second($0.second)) }
    }

    @Test func aProcessThatIsMissingForAMomentKeepsWhatHolds() {
        #expect(
            Self.steps([(0, true), (1, false), (2, false), (3, true), (9, false), (10, true)])
                == [.act, .begin, .hold, .act, .begin, .act])
    }

    @Test func eachAbsenceHasALimitOfItsOwn() {
        #expect(
            Self.steps([(0, false), (4, true), (4, false), (6, false), (9, false)]) == [
                .begin, .act, .begin, .hold, .giveUp,
            ])
    }

    @Test func whoIsOutsideActsByWhatItIsSent() {
        #expect(
            Self.steps([(0, false), (5, false), (6, false), (7, true), (8, false)])
                == [.begin, .giveUp, .act, .act, .begin])
        #expect(Self.steps(from: .outside, [(0, false), (1, false)]) == [.act, .act])
    }

    @Test func whoLeavesKeepsWhatHolds() {
        var membership = Membership.member
        #expect(membership.next(isWhole: true, isLeaving: true, now: Self.second(0)) == .act)
        #expect(membership.next(isWhole: false, isLeaving: true, now: Self.second(1)) == .hold)
        #expect(membership.next(isWhole: false, isLeaving: true, now: Self.second(99)) == .hold)
    }
}
