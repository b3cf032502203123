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
