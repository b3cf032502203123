/// Why a request on a connection to an endpoint gets no whole response. The texts are for the log.
enum UpstreamFailure {
    /// What the endpoint sent is no HTTP.
    case protocolError(String)
    /// The connection ended.
    case lost(String)
    /// The endpoint reset the stream.
    case reset(String)
    /// A connection that had been idle ended, perhaps before the endpoint saw the request.
    case unseen(String)
    /// The endpoint has said that it did not look at the request (RFC 9113 section 8.7).
    case refused(String)
}
