/// How the sender of a message frames its content.
package enum HTTP1Framing: Hashable, Sendable {
    /// None, and none is declared: GET requests, 1xx, 204 and 304 responses.
    case none
    /// Exactly so many bytes.
    case length(Int)
    /// Chunks, ended by `HTTP1Writer.lastChunk`.
    case chunked
}
