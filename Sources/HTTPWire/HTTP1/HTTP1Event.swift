/// What `HTTP1Connection.receive`, `peerClosed` and `deadlineReached` report, in the order of the wire. All of it belongs to the
/// one exchange that is under way.
package enum HTTP1Event: Sendable, Equatable {
    /// Server: a request. Client: a 1xx or the final response. In the form of HTTP/2: pseudo-header fields first, names in lower
    /// case, nothing that concerns only this connection. A WebSocket handshake is an extended CONNECT (RFC 8441), its 101 a 200.
    case headers(HTTPFieldBlock, endStream: Bool)
    /// Content, or what a tunnel carries, as a byte range of the input of this very call; empty only if it ends the message.
    case data(Range<Int>, endStream: Bool)
    /// Trailers; they end the message.
    case trailers(HTTPFieldBlock)
    /// The connection is of no more use, and neither is the exchange that was under way. A server that had not begun to respond
    /// has queued the response of `HTTP1ParseError.status`; flush it, then close. All later input is ignored.
    case failed(HTTP1ParseError)
}

extension [HTTP1Event] {
    /// Takes an event out, so that its head is whoever gets it's alone, and can be changed without a copy. What stays in its place says
    /// nothing.
    package mutating func takeOut(_ index: Int) -> HTTP1Event {
        var event = HTTP1Event.data(0..<0, endStream: false)
        swap(&event, &self[index])
        return event
    }
}
