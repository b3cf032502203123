/// The status line and fields of one response.
package struct HTTP1ResponseHead: Hashable, Sendable {
    /// 100 to 999.
    package var status: Int
    /// For people; may be empty.
    package var reason: String
    /// The server's version.
    package var version: HTTP1Version
    /// Names in lower case.
    package var fields: HTTPFieldBlock
    /// The connection can be used again after this response (RFC 9112 section 9.3).
    package var keepAlive: Bool
}
