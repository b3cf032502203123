import HTTPWire

/// How a stream of an `HTTP2Session` came to an early end.
enum HTTP2StreamEnd {
    /// The peer reset it with this code, or was going away before it had looked at it (`refusedStream`).
    case reset(HTTP2ErrorCode)
    /// The peer broke the protocol on it.
    case malformed(String)
    /// The connection ended, for this reason.
    case connectionLost(String)
}
