import MeshModel

/// Writes the answer to one question. Names that were written once are pointed to.
struct DNSAnswer {
    /// How long clients may keep answers (Z 1.2).
    static let timeToLive: UInt32 = 30
    /// Where the question's name is in every message.
    private static let questionName: UInt16 = 0xc00c

    private let query: DNSQuery
    private let limit: Int
    private var bytes: [UInt8] = []
    private var records: UInt16 = 0
    private var owner = DNSAnswer.questionName
    private var isTruncated = false

    /// An answer that stays within `limit` bytes.
    init(to query: DNSQuery, limit: Int) {
        self.query = query
        self.limit = limit
        bytes.reserveCapacity(512)
        append(query.id)
        append(UInt16(0))
        append(UInt16(1))
        append(UInt16(0))
        append(UInt16(0))
        append(UInt16(0))
        for label in query.labels { append(label: label) }
        bytes.append(0)
        append(query.type.rawValue)
        append(query.recordClass)
    }

    /// Says that the question's name is another name for its first `count` labels; later records belong to that.
    mutating func appendAlias(labelCount count: Int) {
        let labels = query.labels.prefix(count)
        let length = labels.reduce(1) { $0 + $1.count + 1 }
        guard let length = UInt16(exactly: length), reserve(12 + Int(length)) else { return }
        appendRecordHead(.cname, length: length)
        let target = bytes.count
        for label in labels { append(label: label) }
        bytes.append(0)
        if target < 0x4000 { owner = 0xc000 | UInt16(truncatingIfNeeded: target) }
    }

    /// Adds an address record. What does not fit is left out, and the message says so.
    mutating func append(_ address: IPAddress) {
        let data = address.bytes
        guard reserve(12 + data.count) else { return }
        appendRecordHead(address.isIPv4 ? .a : .aaaa, length: UInt16(truncatingIfNeeded: data.count))
        bytes += data
    }

    /// The message. `isLocal` marks it as the mesh's own word (AA).
    consuming func finish(_ code: DNSResponseCode, isLocal: Bool, unknownVersion: Bool = false) -> [UInt8] {
        var flags: UInt16 = 0x8000 | 0x0080 | UInt16(code.rawValue)
        if isLocal { flags |= 0x0400 }
        if isTruncated { flags |= 0x0200 }
        if query.wantsRecursion { flags |= 0x0100 }
        set(flags, at: 2)
        set(records, at: 6)
        if let payloadSize = query.payloadSize {
            set(1, at: 10)
            bytes.append(0)
            append(DNSRecordType.opt.rawValue)
            append(max(512, payloadSize))
            // The upper bits of the response code; BADVERS is 16 (RFC 6891 section 6.1.3).
            append(UInt16(unknownVersion ? 0x0100 : 0))
            append(UInt16(0))
            append(UInt16(0))
        }
        return bytes
    }

    /// Marks the message as cut.
    mutating func truncate() { isTruncated = true }

    /// Whether `count` more bytes fit, with the options that follow them.
    private mutating func reserve(_ count: Int) -> Bool {
        let options = query.payloadSize == nil ? 0 : 11
        if !isTruncated, bytes.count + count + options <= limit, records < .max { return true }
        isTruncated = true
        return false
    }

    private mutating func appendRecordHead(_ type: DNSRecordType, length: UInt16) {
        records += 1
        append(owner)
        append(type.rawValue)
        append(DNSQuery.internetClass)
        append(UInt16(truncatingIfNeeded: Self.timeToLive >> 16))
        append(UInt16(truncatingIfNeeded: Self.timeToLive))
        append(length)
    }

    private mutating func append(label: [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: label.count))
        bytes += label
    }

    private mutating func append(_ value: UInt16) {
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    private mutating func set(_ value: UInt16, at offset: Int) {
        bytes[offset] = UInt8(truncatingIfNeeded: value >> 8)
        bytes[offset + 1] = UInt8(truncatingIfNeeded: value)
    }
}
