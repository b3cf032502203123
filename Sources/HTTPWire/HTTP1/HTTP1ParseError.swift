/// Why an HTTP/1.1 message cannot be taken. It costs the connection: nobody can say where the next message begins.
package enum HTTP1ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// CR without LF, or LF without CR (RFC 9112 section 2.2).
    case lineEnd
    /// Not `method target HTTP/1.x` (section 3).
    case requestLine
    /// A target of none of the four forms, of one that the method cannot have, of another scheme, or with a fragment (section 3.2).
    case target
    /// Not `HTTP/1.x status reason` (section 4).
    case statusLine
    /// A version that is not 1.0 or 1.1.
    case version
    /// No colon, white space before it, a bad name, or a bad value (section 5).
    case field
    /// A field line that begins with white space (section 5.2).
    case foldedField
    /// Host that is missing, doubled, malformed, or not the authority of the target (section 3.2).
    case host
    /// Connection names a field that is meant for the receiver of the request (RFC 9110 section 7.6.1).
    case connectionOption
    /// Content-Length that is not one number, or Transfer-Encoding besides it (section 6.3).
    case framing
    /// A transfer coding other than `chunked` (section 6.1).
    case transferCoding
    /// A chunk size that is not hexadecimal, or a chunk that does not end where it should (section 7.1).
    case chunk
    /// A trailer field that frames or routes a message (RFC 9110 section 6.5.1).
    case trailer
    /// An upgrade that is malformed, that nobody asked for, or that was answered with another success than 101 (RFC 9110 section 7.8).
    case upgrade
    /// A server speaks without having been asked.
    case unsolicited
    /// The connection ended inside a message.
    case truncated
    /// `HTTP1Limits.startLineBytes`.
    case startLineTooLong
    /// `HTTP1Limits.fieldBytes` or `.fieldCount`.
    case fieldsTooLarge
    /// `HTTP1Limits.chunkLineBytes` or `.chunkExtensionBytes`.
    case chunkLineTooLong
    /// `HTTP1Limits.contentBytes`.
    case contentTooLarge
    /// `HTTP1Limits.informationalResponses`.
    case tooManyInformationalResponses
    /// `HTTP1Limits.headTime`.
    case headTimeout
    /// `HTTP1Limits.idleTime`; nothing is answered.
    case idleTimeout

    /// What a server answers before it closes.
    package var status: Int {
        switch self {
        case .version: 505
        case .transferCoding: 501
        case .startLineTooLong: 414
        case .fieldsTooLarge: 431
        case .contentTooLarge: 413
        case .headTimeout: 408
        default: 400
        }
    }

    /// True if a bound of `HTTP1Limits` was exceeded.
    package var exceedsBound: Bool {
        switch self {
        case .startLineTooLong, .fieldsTooLarge, .chunkLineTooLong, .contentTooLarge, .tooManyInformationalResponses,
            .headTimeout, .idleTimeout:
            true
        default: false
        }
    }

    package var description: String {
        switch self {
        case .lineEnd: "a line does not end with CR LF"
        case .requestLine: "the request line is not of the form method, target, HTTP/1.1"
        case .target: "the request target is malformed, of another scheme, or has a fragment"
        case .statusLine: "the status line is not of the form HTTP/1.1, status, reason"
        case .version: "the version is neither HTTP/1.0 nor HTTP/1.1"
        case .field: "a field line is not of the form name: value"
        case .foldedField: "a field line begins with white space"
        case .host: "Host is missing, doubled, malformed, or not the authority of the request target"
        case .connectionOption: "Connection names a field that is not the connection's"
        case .framing: "the length of the content is ambiguous"
        case .transferCoding: "the transfer coding is not chunked"
        case .chunk: "a chunk is broken"
        case .trailer: "a trailer field frames or routes a message"
        case .upgrade: "an upgrade is malformed, was not asked for, or was answered with a success that is not 101"
        case .unsolicited: "the server sent bytes that answer no request"
        case .truncated: "the connection ended inside a message"
        case .startLineTooLong: "the first line is too long (startLineBytes)"
        case .fieldsTooLarge: "the fields are too large or too many (fieldBytes, fieldCount)"
        case .chunkLineTooLong: "chunk-size lines are too long (chunkLineBytes, chunkExtensionBytes)"
        case .contentTooLarge: "the content is too large (contentBytes)"
        case .tooManyInformationalResponses: "too many 1xx responses (informationalResponses)"
        case .headTimeout: "a head or trailers did not arrive in time (headTime)"
        case .idleTimeout: "the connection was idle for too long (idleTime)"
        }
    }
}
