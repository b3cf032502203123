/// How far this side has gone in going away (RFC 9113 section 6.8).
enum HTTP2GoAwayState: Equatable, Sendable {
    /// Not at all.
    case none
    /// Server: the warning is out; streams are still accepted until the peer has answered a PING. -> sent
    case announced
    /// The last word is out: later streams of the peer are ignored.
    case sent(lastStream: UInt32)
}
