/// What the next byte of input of an HTTP/1.1 connection is.
enum HTTP1InputPhase: Sendable {
    /// Of a start line, before which `emptyLines` empty lines have been seen. Server: of the next request. Client: of the response.
    case startLine(emptyLines: Int)
    /// Of the fields of a head.
    case fields
    /// Of content.
    case content(HTTP1ContentReader)
    /// Of trailers.
    case trailers
    /// Not for now. Server: the request is complete (or may become a tunnel) and its response is not. Client: nothing was asked.
    case held
    /// Of what a tunnel carries.
    case tunnel
    /// To be ignored: the peer has ended, or the connection is finished.
    case closed
}

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

/// The exchange that is under way.
struct HTTP1ExchangeState: Sendable {
    /// What the request asks to become of the connection.
    enum Switch: Hashable, Sendable {
        case none
        case connect
        /// The protocol, in lower case.
        case upgrade([UInt8])
    }

    var isHead = false
    var switching = Switch.none
    /// The connection stays after the exchange, as far as the peer is concerned.
    var keepsAlive = true
    /// Server: the client speaks HTTP/1.0, so no chunks and no 1xx.
    var peerIsHTTP10 = false
    /// Server: the client waits for 100 or a final response before it sends content.
    var awaitsContinue = false
    /// Client: a byte of the response has arrived.
    var hasResponseBegun = false
    /// Client: 1xx responses seen.
    var informationalResponses = 0
    /// The key of a WebSocket handshake.
    var webSocketKey: [UInt8] = []
    /// Client: the key is this side's, so Sec-WebSocket-Accept is not passed on.
    var isOwnWebSocketKey = false
}
