package import HTTPWire

/// How a stream ended that no relay has.
package enum StreamEnd: Sendable {
    /// Both sides ended it.
    case finished
    /// RST_STREAM, from the peer or because the peer broke the protocol.
    case reset(HTTP2ErrorCode, byPeer: Bool)
    /// Its tunnel ended first.
    case tunnelClosed(TunnelClosure)
}
