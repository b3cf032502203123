/// Where a request is for: the value of `:authority` or Host (RFC 3986 section 3.2, RFC 9110 section 7.2).
package struct HTTPAuthority: Hashable, Sendable, CustomStringConvertible {
    /// A name or IPv4 address in lower case, or an IPv6 address in brackets. A dot at the end is kept: it is another name.
    package var host: String
    /// nil if none is given: then it is that of the scheme.
    package var port: UInt16?

    /// nil for user information, a port that is not a number from 0 to 65535, or characters that no host has.
    package init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard let hostEnd = Self.hostEnd(bytes.span) else { return nil }
        host = String(decoding: bytes[..<hostEnd].map(asciiLowercased), as: UTF8.self)
        if hostEnd < bytes.count {
            guard let number = HTTP2MessageRules.decimal(bytes.span.extracting((hostEnd + 1)...)) else { return nil }
            port = UInt16(exactly: number)
        }
    }

    /// True if `init(parsing:)` would succeed; with `needsPort`, if there is a port besides.
    static func isValid(_ bytes: Span<UInt8>, needsPort: Bool = false) -> Bool {
        guard let end = hostEnd(bytes) else { return false }
        return !needsPort || end < bytes.count
    }

    /// Where the host ends and the port begins; nil if the authority is malformed.
    private static func hostEnd(_ bytes: Span<UInt8>) -> Int? {
        guard bytes.count > 0 else { return nil }
        var end = 0
        if bytes[0] == 0x5b {
            end = 1
            while end < bytes.count, bytes[end] != 0x5d {
                guard HexDigit.value(bytes[end]) != nil || bytes[end] == 0x3a || bytes[end] == 0x2e else { return nil }
                end += 1
            }
            guard end > 2, end < bytes.count else { return nil }
            end += 1
        } else {
            end = ByteScan.plainPrefix(bytes)
            while end < bytes.count, isHostCharacter(bytes[end]) { end += 1 }
            guard end > 0 else { return nil }
        }
        guard end < bytes.count else { return end }
        guard bytes[end] == 0x3a, bytes.count - end <= 6,
            let port = HTTP2MessageRules.decimal(bytes.extracting((end + 1)...)), port <= 0xffff
        else { return nil }
        return end
    }

    /// unreserved, sub-delims and `%` (RFC 3986 section 2): neither `@`, which ends user information, nor a delimiter of the URI.
    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case 0x21, 0x24...0x2e, 0x3b, 0x3d, 0x5f, 0x7e: true
        default: false
        }
    }

    package var description: String { port.map { "\(host):\($0)" } ?? host }
}
