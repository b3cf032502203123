import HTTPWire

/// Whoever speaks on one stream of an `HTTP2Session`. What it is told comes in the order of the wire; after `streamEnded` only
/// `streamTurned` may come.
protocol HTTP2StreamUser: AnyObject {
    /// Client: an interim or the final head. A server's users get theirs with the stream.
    func streamResponded(_ head: HTTPFieldBlock, endStream: Bool)
    /// Content; true if it has been passed on, else it is to be credited later.
    func streamReceived(_ bytes: UnsafeRawBufferPointer, endStream: Bool) -> Bool
    /// Trailers, which end the peer's side.
    func streamReceived(trailers: HTTPFieldBlock)
    /// What was sent has left.
    func streamHasRoom()
    /// The stream is gone before it was complete.
    func streamEnded(_ end: HTTP2StreamEnd)
    /// All that came at once has been told.
    func streamTurned()
}
