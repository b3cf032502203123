import HTTPWire

/// Whoever has a request on a connection to an endpoint. What it is told comes in the order of the wire.
protocol UpstreamUser: AnyObject {
    /// An interim or the final head.
    func upstreamResponded(_ head: consuming HTTPFieldBlock, endStream: Bool)
    /// Content; true if it has been passed on, else it is to be credited later.
    func upstreamReceived(_ bytes: UnsafeRawBufferPointer, endStream: Bool) -> Bool
    /// Trailers, which end the response.
    func upstreamReceived(trailers: HTTPFieldBlock)
    /// There will be no whole response.
    func upstreamBroke(_ failure: UpstreamFailure)
    /// What was sent has left.
    func upstreamHasRoom()
    /// All that came at once has been told.
    func upstreamTurned()
}
