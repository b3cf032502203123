/// What became of the last bytes of a channel.
package enum LastBytesOutcome: Sendable {
    /// They have left.
    case sent
    /// The peer has taken none of them for `EventLoop.outputPatience`, and was reset.
    case notTaken
    /// The connection broke first.
    case lost
}
