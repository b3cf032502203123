package import MeshModel

/// What the resource API answers, without the transport that carries it.
package struct APIReply: Sendable {
    /// The body.
    package enum Body: Sendable {
        case document(JSONValue)
        /// Plain text, such as that of `/healthz`.
        case text(String)
        /// Bytes of another media type.
        case binary([UInt8], type: String)
        /// Watch events, one JSON document a line, until the stream ends.
        case events(AsyncThrowingStream<JSONValue, any Error>)
    }

    package var status: Int
    package var body: Body
    /// Texts of `Warning: 299` headers.
    package var warnings: [String]

    package init(_ status: Int, _ body: Body, warnings: [String] = []) {
        self.status = status
        self.body = body
        self.warnings = warnings
    }
}
