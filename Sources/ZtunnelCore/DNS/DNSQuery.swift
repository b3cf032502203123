/// A question as a client asked it: one name, one type. Everything that is needed to answer, refuse or pass it on.
package struct DNSQuery: Sendable, Equatable {
    /// The class IN.
    static let internetClass: UInt16 = 1

    /// Why a message is not a question that can be answered.
    enum Problem: Error {
        /// Too short for a header, or a response: nothing is sent back.
        case ignore
        /// Sent back with this code.
        case refuse(DNSResponseCode)
        /// The client speaks a later EDNS (RFC 6891 section 6.1.3).
        case unknownEDNSVersion(DNSQuery)
    }

    /// The client's number for it.
    package let id: UInt16
    /// Whether the client wants the whole way to be gone.
    package let wantsRecursion: Bool
    /// The labels, as written by the client.
    package let labels: [[UInt8]]
    /// What is asked for.
    package let type: DNSRecordType
    /// The class, IN in practice.
    package let recordClass: UInt16
    /// The largest datagram that the client takes, if it said so.
    package let payloadSize: UInt16?

    /// The name in lower case, labels joined by dots, without a dot at the end. Bytes that no host name has are replaced.
    package var name: String { labels.map { Self.lowercased($0) }.joined(separator: ".") }

    /// The largest answer that fits a datagram for this client.
    var datagramSize: Int { max(512, Int(payloadSize ?? 512)) }

    /// The lower-case labels of a host name; nil where the name cannot be one.
    var hostLabels: [String]? {
        if labels.isEmpty { return nil }
        for label in labels {
            for byte in label where byte <= 0x20 || byte >= 0x7f || byte == UInt8(ascii: ".") { return nil }
        }
        return labels.map { Self.lowercased($0) }
    }

    /// Reads a question. Exactly one is answered per message, as all servers do.
    init(_ message: [UInt8]) throws(Problem) {
        var reader = DNSReader(message)
        guard let id = reader.uint16(), let flags = reader.uint16(), let questions = reader.uint16(),
            let answers = reader.uint16(), let authorities = reader.uint16(), let additionals = reader.uint16()
        else { throw .ignore }
        if flags & 0x8000 != 0 { throw .ignore }
        if flags >> 11 & 0xf != 0 { throw .refuse(.notImplemented) }
        guard questions == 1, let name = reader.name(), let type = reader.uint16(), let recordClass = reader.uint16()
        else { throw .refuse(.formatError) }
        var payloadSize: UInt16?
        var version: UInt8 = 0
        for _ in 0..<(Int(answers) + Int(authorities) + Int(additionals)) {
            guard let record = reader.record() else { throw .refuse(.formatError) }
            guard record.type == .opt else { continue }
            if payloadSize != nil { throw .refuse(.formatError) }
            payloadSize = record.class
            version = UInt8(truncatingIfNeeded: record.ttl >> 16)
        }
        self.id = id
        self.wantsRecursion = flags & 0x0100 != 0
        self.labels = name
        self.type = DNSRecordType(rawValue: type)
        self.recordClass = recordClass
        self.payloadSize = payloadSize
        if version != 0 { throw .unknownEDNSVersion(self) }
    }

    private static func lowercased(_ label: [UInt8]) -> String {
        String(
            decoding: label.map { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
                case 0x21...0x7e: byte
                default: UInt8(ascii: "?")
                }
            }, as: UTF8.self)
    }
}
