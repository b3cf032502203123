/// The request line and fields of one request.
package struct HTTP1RequestHead: Hashable, Sendable {
    /// A token; case matters.
    package var method: String
    /// As it was sent, any of the forms of RFC 9112 section 3.2.
    package var target: String
    /// The client's version.
    package var version: HTTP1Version
    /// Names in lower case.
    package var fields: HTTPFieldBlock
    /// The client wants the connection to stay (section 9.3).
    package var keepAlive: Bool
    /// The client waits for 100 before it sends content (RFC 9110 section 10.1.1).
    package var expectsContinue: Bool
    /// Content may follow: it is chunked or its length is not 0.
    package var hasContent: Bool
}
