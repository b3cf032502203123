/// What `HTTP2Connection.receive` and `deadlineReached` report, in the order of the wire.
package enum HTTP2Event: Sendable, Equatable {
    /// Server: a request that is complete and well-formed. Client: a 1xx or the final response.
    case headers(HTTP2StreamID, HTTPFieldBlock, endStream: Bool)
    /// Trailers; they always end the peer's side of the stream.
    case trailers(HTTP2StreamID, HTTPFieldBlock)
    /// Payload, as a byte range of the input of this very `receive` call; may be a fragment of a frame, and is empty
    /// only if it ends the stream. Every byte is to be handed back once with `credit`.
    case data(HTTP2StreamID, Range<Int>, endStream: Bool)
    /// The stream is gone: the peer reset or refused it, or it broke the protocol (`byPeer` false: RST_STREAM is
    /// queued). Bytes not credited yet are credited by the connection.
    case reset(HTTP2StreamID, HTTP2ErrorCode, byPeer: Bool)
    /// A stream for which `reserveData` returned 0 can send again.
    case writable(HTTP2StreamID)
    /// The peer's SETTINGS took effect.
    case settings(maxConcurrentStreams: UInt32)
    /// The peer is going away. Its streams above `lastStream` follow as `.reset(_, .refusedStream, byPeer: true)`.
    case goAway(lastStream: HTTP2StreamID, HTTP2ErrorCode)
    /// The peer answered `ping`.
    case pong(UInt64)
    /// Connection error, here or by the keep-alive. GOAWAY is queued; flush it, then close. All later input is
    /// ignored. The text says what the peer did.
    case failed(HTTP2ErrorCode, String)
}
