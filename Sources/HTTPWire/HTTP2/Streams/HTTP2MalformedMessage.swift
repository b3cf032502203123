/// Why a message is malformed (RFC 9113 section 8.1.1). It costs its stream, never the connection.
package enum HTTP2MalformedMessage: Error, Hashable, Sendable, CustomStringConvertible {
    /// A field name is empty, in upper case, or holds a character that names cannot have (section 8.2.1).
    case fieldName
    /// A field value holds a control character other than a tab, or begins or ends with white space (section 8.2.1).
    case fieldValue
    /// connection, keep-alive, proxy-connection, transfer-encoding, upgrade, or te other than trailers (8.2.2).
    case connectionSpecificField
    /// A pseudo-header field that is unknown, or not allowed in this kind of message (section 8.3).
    case unexpectedPseudoField
    /// A pseudo-header field twice (section 8.3).
    case duplicatePseudoField
    /// A pseudo-header field after an ordinary one (section 8.3).
    case pseudoFieldAfterField
    /// A mandatory pseudo-header field is missing (section 8.3.1, 8.3.2, 8.5).
    case missingPseudoField
    /// `:path` is empty, of the wrong form, or has a character that no request target has (section 8.3.1).
    case path
    /// `:authority` or host is empty, malformed, has user information, or the two differ (section 8.3.1).
    case authority
    /// `:method` is not a token.
    case method
    /// `:scheme` is neither http nor https.
    case scheme
    /// `:status` is not three digits, or is 101 (section 8.3.2, 8.6).
    case status
    /// content-length is not a number, occurs twice, or is not what DATA adds up to (section 8.1.1).
    case contentLength
    /// Trailers that do not end the stream, or a second header list in a tunnel (section 8.1, 8.5).
    case unexpectedHeaders
    /// DATA before the header list (section 8.1).
    case unexpectedData
    /// A 1xx response that ends the stream (section 8.1), or more of them than `HTTP2Limits` allows.
    case informationalResponse

    package var description: String {
        switch self {
        case .fieldName: "a field name is empty, in upper case, or has a forbidden character"
        case .fieldValue: "a field value has a forbidden character or begins or ends with white space"
        case .connectionSpecificField: "a connection-specific field is not allowed in HTTP/2"
        case .unexpectedPseudoField: "a pseudo-header field is unknown or not allowed here"
        case .duplicatePseudoField: "a pseudo-header field occurs twice"
        case .pseudoFieldAfterField: "a pseudo-header field follows an ordinary field"
        case .missingPseudoField: "a mandatory pseudo-header field is missing"
        case .path: ":path is empty or of the wrong form"
        case .authority: ":authority or host is empty or malformed, has user information, or the two differ"
        case .method: ":method is not a token"
        case .scheme: ":scheme is neither http nor https"
        case .status: ":status is not a final or interim status that HTTP/2 can carry"
        case .contentLength: "content-length is not a number, occurs twice, or is not the length of the content"
        case .unexpectedHeaders: "a header list that is neither the first one nor trailers that end the stream"
        case .unexpectedData: "DATA before the header list"
        case .informationalResponse: "a 1xx response that ends the stream, or too many 1xx responses"
        }
    }
}
