package import HTTPWire
package import NodeCore

/// How long an outbound attempt goes on asking endpoints whose ztunnel is not there: one that restarts is back in a moment.
///
/// A pure value: time is an argument. Between two rounds over a service's endpoints it pauses, longer each time; no round
/// begins after the deadline.
package struct ConnectPatience: Sendable {
    /// The first pause.
    package static let firstPause: Duration = .milliseconds(50)
    /// The longest pause.
    package static let longestPause: Duration = .seconds(1)

    private let deadline: MonotonicTime
    private var pause = ConnectPatience.firstPause
    /// Whether an endpoint of this round may be there in the next one.
    private var isPassing = false

    /// Patience until `deadline`.
    package init(until deadline: MonotonicTime) {
        self.deadline = deadline
    }

    /// An endpoint of this round has failed.
    package mutating func note(_ failure: ConnectionFailure) {
        if failure.isPassing { isPassing = true }
    }

    /// No endpoint is left: how long to wait before all are asked again, or nil where that is no use any more.
    package mutating func nextRound(now: MonotonicTime) -> Duration? {
        guard isPassing, now + pause < deadline else { return nil }
        isPassing = false
        defer { pause = min(pause * 2, Self.longestPause) }
        return pause
    }
}
