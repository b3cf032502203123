/// Why an HTTP/1.1 message cannot be read. It costs the connection: nobody can say where the next message begins.
package enum HTTP1ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// CR without LF, or LF without CR (RFC 9112 section 2.2).
    case lineEnd
    /// Not `method target HTTP/1.x` (section 3).
    case requestLine
    /// Not `HTTP/1.x status reason` (section 4).
    case statusLine
    /// A version that is not 1.0 or 1.1.
    case version
    /// No colon, white space before it, a bad name, or a bad value (section 5).
    case field
    /// A field line that begins with white space (section 5.2).
    case foldedField
    /// An HTTP/1.1 request without exactly one Host (section 3.2).
    case host
    /// Content-Length that is not one number, or Transfer-Encoding besides it (section 6.3).
    case framing
    /// A transfer coding other than `chunked` (section 6.1).
    case transferCoding
    /// A chunk size that is not hexadecimal, or a chunk that does not end where it should (section 7.1).
    case chunk
    /// An upgrade that nobody asked for (RFC 9110 section 15.2.2).
    case upgrade
    /// The connection ended inside a message.
    case truncated
    /// `HTTP1Limits.startLineBytes`.
    case startLineTooLong
    /// `HTTP1Limits.fieldBytes` or `.fieldCount`.
    case fieldsTooLarge
    /// `HTTP1Limits.chunkLineBytes`.
    case chunkLineTooLong
    /// `HTTP1Limits.contentBytes`.
    case contentTooLarge

    /// What a server answers before it closes.
    package var status: Int {
        switch self {
        case .version: 505
        case .transferCoding: 501
        case .startLineTooLong: 414
        case .fieldsTooLarge: 431
        case .contentTooLarge: 413
        default: 400
        }
    }

    package var description: String {
        switch self {
        case .lineEnd: "a line does not end with CR LF"
        case .requestLine: "the request line is not of the form method, target, HTTP/1.1"
        case .statusLine: "the status line is not of the form HTTP/1.1, status, reason"
        case .version: "the version is neither HTTP/1.0 nor HTTP/1.1"
        case .field: "a field line is not of the form name: value"
        case .foldedField: "a field line begins with white space"
        case .host: "the request does not have exactly one Host field"
        case .framing: "the length of the content is ambiguous"
        case .transferCoding: "the transfer coding is not chunked"
        case .chunk: "a chunk is broken"
        case .upgrade: "the server switches protocols, which was not asked for"
        case .truncated: "the connection ended inside a message"
        case .startLineTooLong: "the first line is too long (startLineBytes)"
        case .fieldsTooLarge: "the fields are too large or too many (fieldBytes, fieldCount)"
        case .chunkLineTooLong: "a chunk-size line is too long (chunkLineBytes)"
        case .contentTooLarge: "the content is too large (contentBytes)"
        }
    }
}
