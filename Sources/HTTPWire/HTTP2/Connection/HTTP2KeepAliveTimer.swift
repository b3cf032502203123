/// The liveness check of one connection: silence, PING, silence, dead.
struct HTTP2KeepAliveTimer: Sendable {
    /// Marks PINGs of this timer; the low bits count.
    static let opaqueBase: UInt64 = 0xa3b1_7c00_0000_0000

    private let rule: HTTP2KeepAlive?
    private var lastReceived: MonotonicTime
    private var pingSent: MonotonicTime?
    private var pings: UInt64 = 0

    init(_ rule: HTTP2KeepAlive?, now: MonotonicTime) {
        self.rule = rule
        lastReceived = now
    }

    /// Any byte is a sign of life.
    mutating func received(now: MonotonicTime) {
        lastReceived = now
        pingSent = nil
    }

    /// When to look again.
    var deadline: MonotonicTime? {
        guard let rule else { return nil }
        if let pingSent { return pingSent + rule.timeout }
        return lastReceived + rule.interval
    }

    /// What is due.
    enum Action {
        case wait
        case ping(UInt64)
        case giveUp(silence: Duration)
    }

    mutating func elapsed(now: MonotonicTime) -> Action {
        guard let rule, let deadline, now >= deadline else { return .wait }
        if pingSent != nil { return .giveUp(silence: rule.interval + rule.timeout) }
        pingSent = now
        pings &+= 1
        return .ping(Self.opaqueBase | (pings & 0xffff_ffff))
    }
}
