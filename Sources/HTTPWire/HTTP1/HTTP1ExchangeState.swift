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
