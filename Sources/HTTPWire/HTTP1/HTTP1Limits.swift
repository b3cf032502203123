/// Bounds on one HTTP/1.1 message. Each has a test that reaches it.
package struct HTTP1Limits: Hashable, Sendable {
    /// Bytes of the request or status line (414 for a request).
    package var startLineBytes: Int = 8 * 1024
    /// Bytes of all field lines, and again of all trailer lines (431).
    package var fieldBytes: Int = 64 * 1024
    /// Field lines, and again trailer lines (431).
    package var fieldCount: Int = 128
    /// Bytes of one chunk-size line with its extensions (400).
    package var chunkLineBytes: Int = 1024
    /// Bytes of content, however framed (413). Large, since content is never collected here.
    package var contentBytes: UInt64 = 1 << 40

    /// The defaults.
    package init() {}
}
