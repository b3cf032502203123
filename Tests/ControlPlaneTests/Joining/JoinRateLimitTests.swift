import ControlPlane
import Testing

@Suite("How often strangers may ask")
struct JoinRateLimitTests {
    private static func limits() -> JoinLimits {
        var limits = JoinLimits()
        limits.refusalsPerMinute = 3
        limits.requestsPerMinute = 30
        limits.addresses = 2
        return limits
    }

    @Test("an address that was wrong too often waits; others and time go on")
    func refusals() {
        let start = ContinuousClock.now
        var rate = JoinRateLimit(limits: Self.limits(), now: start)
        func admits(_ address: String, _ now: ContinuousClock.Instant) -> Bool { rate.admits(address, now: now) }
        for _ in 0..<3 {
            #expect(admits("a", start))
            rate.refused("a", now: start)
        }
        #expect(!admits("a", start))
        #expect(admits("b", start))
        #expect(!admits("a", start + .seconds(19)))
        #expect(admits("a", start + .seconds(21)), "a third of the minute gives one of three back")
        #expect(admits("a", start + .seconds(120)))
        #expect(rate.count == 0, "who behaved for long enough is forgotten")
    }

    @Test("all together have a bound, and so have the addresses that are remembered")
    func bounds() {
        let start = ContinuousClock.now
        var rate = JoinRateLimit(limits: Self.limits(), now: start)
        func admits(_ address: String, _ now: ContinuousClock.Instant) -> Bool { rate.admits(address, now: now) }
        for index in 0..<30 { #expect(admits("host-\(index)", start)) }
        #expect(!admits("one more", start))
        for index in 0..<1_000 { rate.refused("host-\(index)", now: start) }
        #expect(rate.count <= 3)
        let later = start + .seconds(5)
        #expect(!admits("a stranger", later), "unknown ones share what is left of one address")
    }
}
