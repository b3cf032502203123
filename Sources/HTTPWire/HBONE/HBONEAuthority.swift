/// The `:authority` of an HBONE CONNECT: `ip:port`, `[v6]:port` or `hostname:port`. Istio: ztunnel's CONNECT handling.
package struct HBONEAuthority: Hashable, Sendable, CustomStringConvertible {
    /// Why an authority is not of this form.
    package enum Problem: Error, Hashable, Sendable {
        /// No colon with digits after it.
        case port
        /// The host is empty, too long, or has characters that neither an address nor a name has.
        case host
    }

    /// The longest name that DNS can carry.
    package static let longestHost = 253

    /// Address text without brackets, or a name as it was given.
    package let host: String
    /// 1 to 65,535.
    package let port: UInt16
    /// True if `host` is an IPv4 or IPv6 address.
    package let isIPLiteral: Bool

    /// From parts; `host` has no brackets.
    package init(host: String, port: UInt16, isIPLiteral: Bool) {
        self.host = host
        self.port = port
        self.isIPLiteral = isIPLiteral
    }

    /// Reads any of the three forms. An IPv6 address needs its brackets.
    package init(parsing text: String) throws(Problem) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: 0x3a) else { throw .port }
        let digits = bytes[(colon + 1)...]
        guard !digits.isEmpty, digits.count <= 5, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw .port
        }
        var number: UInt32 = 0
        for digit in digits { number = number * 10 + UInt32(digit - 0x30) }
        guard number > 0, number <= 0xffff else { throw .port }
        port = UInt16(truncatingIfNeeded: number)
        var name = bytes[..<colon]
        if name.first == 0x5b {
            guard name.count > 2, name.last == 0x5d else { throw .host }
            name = name.dropFirst().dropLast()
            guard HBONEAddressText.isIPv6(Array(name)) else { throw .host }
            isIPLiteral = true
        } else if HBONEAddressText.isIPv4(Array(name)) {
            isIPLiteral = true
        } else {
            guard !name.isEmpty, name.count <= Self.longestHost, name.allSatisfy(Self.isNameCharacter) else {
                throw .host
            }
            isIPLiteral = false
        }
        host = String(decoding: name, as: UTF8.self)
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
        default: false
        }
    }

    /// The form of the wire.
    package var description: String {
        host.utf8.contains(0x3a) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
