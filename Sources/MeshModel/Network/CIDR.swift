/// A range of addresses of one family: a prefix and its length. Bits after the prefix are cleared.
package struct CIDR: Hashable, Sendable, Comparable, LosslessStringConvertible {
    /// The lowest address of the range.
    package let address: IPAddress
    /// How many leading bits are fixed: 0...32 or 0...128.
    package let prefixLength: Int

    /// The range around `address`; nil where the length is outside 0...32 (IPv4) or 0...128 (IPv6).
    package init?(_ address: IPAddress, prefixLength: Int) {
        guard (0...address.bitWidth).contains(prefixLength) else { return nil }
        self.address = address.masked(to: prefixLength)
        self.prefixLength = prefixLength
    }

    /// The range of one address.
    package init(host address: IPAddress) {
        self.address = address
        self.prefixLength = address.bitWidth
    }

    /// Parses "10.0.0.0/8" or a lone address, which is the range of itself.
    package init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/") else {
            guard let address = IPAddress(text) else { return nil }
            self.init(host: address)
            return
        }
        let digits = text[text.index(after: slash)...]
        guard let address = IPAddress(text[..<slash]), digits.utf8.count <= 3,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let length = Int(digits)
        else { return nil }
        self.init(address, prefixLength: length)
    }

    /// Whether `other` is of the same family and within the range. An IPv4-mapped address is taken for its IPv4 address.
    package func contains(_ other: IPAddress) -> Bool {
        let other = address.isIPv4 ? other.unmapped : other
        return other.isIPv4 == address.isIPv4 && other.masked(to: prefixLength) == address
    }

    package var description: String { "\(address)/\(prefixLength)" }

    /// By address, then the wider first.
    package static func < (left: CIDR, right: CIDR) -> Bool {
        (left.address, left.prefixLength) < (right.address, right.prefixLength)
    }
}
