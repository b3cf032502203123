/// One of the two ends of a relay, in the order in which `Relay.start` was given them.
package enum RelaySide: Sendable {
    /// The TCP connection that came first.
    case first
    /// The other connection, or the stream.
    case second
}
