/// What a relay did, for the access log.
package struct RelayReport: Sendable {
    /// How it ended.
    package enum Outcome: Sendable, Equatable {
        /// Both sides ended their direction.
        case closed
        /// The first side broke or was reset; the second was told.
        case resetByFirst
        /// The second side was reset; the first was told.
        case resetBySecond
        /// The tunnel ended, or this side had no memory; both sides were reset.
        case failed(String)
        /// `Relay.terminate`.
        case terminated
    }

    /// Bytes read from the first side.
    package let bytesFromFirst: UInt64
    /// Bytes that came from the second side.
    package let bytesFromSecond: UInt64
    /// How it ended.
    package let outcome: Outcome
    /// From start to end.
    package let duration: Duration
}
