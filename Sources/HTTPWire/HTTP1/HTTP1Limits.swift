/// Bounds on what an HTTP/1.1 peer may do. Each has a test that reaches it. A violation costs the connection; the number in
/// brackets is what a server answers first.
package struct HTTP1Limits: Hashable, Sendable {
    /// Bytes of the request or status line (414 for a request).
    package var startLineBytes: Int = 8 * 1024
    /// Bytes of all field lines, and again of all trailer lines (431).
    package var fieldBytes: Int = 64 * 1024
    /// Field lines, and again trailer lines (431).
    package var fieldCount: Int = 128
    /// Names that the Connection field lists besides `close`, `keep-alive` and `upgrade` (400): each is looked for among all fields.
    package var connectionOptions: Int = 32
    /// Bytes of one chunk-size line with its extensions (400).
    package var chunkLineBytes: Int = 1024
    /// Bytes of all chunk extensions of one message (400): they are read and thrown away.
    package var chunkExtensionBytes: Int = 16 * 1024
    /// Bytes of content, however framed (413). Large, since content is never collected here.
    package var contentBytes: UInt64 = 1 << 40
    /// Client: 1xx responses for one request.
    package var informationalResponses: Int = 16
    /// Time from the first byte of a head, or of trailers, to its last one (408). A client is not held to it: it waits for its response
    /// as long as its caller does.
    package var headTime: Duration = .seconds(15)
    /// Time without an exchange (no answer).
    package var idleTime: Duration = .seconds(3600)

    /// The defaults.
    package init() {}
}
