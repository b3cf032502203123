/// What this side of an HTTP/1.1 connection sends next.
enum HTTP1OutputPhase: Hashable, Sendable {
    /// Server: nothing, as there is no request. Client: a request.
    case idle
    /// Server: a 1xx or final response.
    case head
    /// Content that is not sent: a response to HEAD, or one whose status has none.
    case noContent
    /// Content of which so many bytes are left.
    case length(UInt64)
    case chunked
    /// Content that ends with the connection.
    case untilClose
    /// Client: nothing until the server has accepted the tunnel.
    case awaitingTunnel
    /// What a tunnel carries.
    case tunnel
    /// Nothing more of this message.
    case ended
}
