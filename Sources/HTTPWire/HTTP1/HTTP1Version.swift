/// The version of a message; both have the same form.
package enum HTTP1Version: Hashable, Sendable {
    /// HTTP/1.0: a connection ends after one exchange unless both say otherwise.
    case http10
    /// HTTP/1.1: a connection stays unless one says otherwise.
    case http11
}

extension HTTP1Version {
    /// `HTTP/1.0` or `HTTP/1.1`; another version of the same form is `.version`, anything else `malformed`.
    init(_ bytes: Span<UInt8>, malformed: HTTP1ParseError) throws(HTTP1ParseError) {
        guard bytes.count == 8, bytes.extracting(0..<5).equals("HTTP/"), bytes[6] == 0x2e,
            bytes[5] >= 0x30, bytes[5] <= 0x39, bytes[7] >= 0x30, bytes[7] <= 0x39
        else { throw malformed }
        switch (bytes[5], bytes[7]) {
        case (0x31, 0x30): self = .http10
        case (0x31, 0x31): self = .http11
        default: throw .version
        }
    }
}
