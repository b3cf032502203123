/// A SHA-256 digest as configuration writes it, by which a certificate or a key is known.
package struct SHA256Digest: Hashable, Sendable {
    /// Its length.
    package static let byteCount = 32

    /// The digest.
    package let bytes: [UInt8]

    /// Reads base64, as of `verifyCertificateSpki`; nil where it is none, or of another length.
    package init?(base64 text: String) {
        guard let bytes = Base64Text.bytes(text), bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Reads hexadecimal of either case, as of `verifyCertificateHash`: digits alone, or each two of them behind a colon.
    package init?(hexadecimal text: String) {
        var bytes: [UInt8] = []
        let digits = Array(text.utf8)
        let isSpaced = digits.count == Self.byteCount * 3 - 1
        guard isSpaced || digits.count == Self.byteCount * 2 else { return nil }
        for start in stride(from: 0, to: digits.count, by: isSpaced ? 3 : 2) {
            guard let high = Self.value(digits[start]), let low = Self.value(digits[start + 1]) else { return nil }
            if isSpaced, start + 2 < digits.count, digits[start + 2] != UInt8(ascii: ":") { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
