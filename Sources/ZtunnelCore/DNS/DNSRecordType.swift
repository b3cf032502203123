/// A type of resource records: a number, of which a few have names here.
package struct DNSRecordType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// An IPv4 address.
    package static let a = DNSRecordType(rawValue: 1)
    /// Another name.
    package static let cname = DNSRecordType(rawValue: 5)
    /// An IPv6 address.
    package static let aaaa = DNSRecordType(rawValue: 28)
    /// Options of the message (RFC 6891).
    package static let opt = DNSRecordType(rawValue: 41)

    /// The name from a closed set, which makes it fit for a metric's label; "OTHER" for the rest.
    package var description: String {
        switch rawValue {
        case 1: "A"
        case 2: "NS"
        case 5: "CNAME"
        case 6: "SOA"
        case 12: "PTR"
        case 15: "MX"
        case 16: "TXT"
        case 28: "AAAA"
        case 33: "SRV"
        case 64: "SVCB"
        case 65: "HTTPS"
        case 255: "ANY"
        default: "OTHER"
        }
    }
}
