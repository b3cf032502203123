/// How often a peer may do something: `count` times in each `interval`.
package struct HTTP2Rate: Hashable, Sendable {
    /// Occurrences allowed in one interval.
    package var count: UInt32
    /// The length of the interval.
    package var interval: Duration

    /// At most `count` occurrences in each `interval`.
    package init(_ count: UInt32, per interval: Duration = .seconds(10)) {
        self.count = count
        self.interval = interval
    }
}
