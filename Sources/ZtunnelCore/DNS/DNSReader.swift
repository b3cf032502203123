/// Reads a message from a place onward; every read is checked, nil is "not there".
struct DNSReader {
    /// The longest name, with its length bytes (RFC 1035 section 2.3.4).
    static let longestName = 255
    /// What precedes the first name.
    static let headerLength = 12

    let bytes: [UInt8]
    private(set) var offset: Int

    init(_ bytes: [UInt8], at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    mutating func byte() -> UInt8? {
        guard offset < bytes.count else { return nil }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func uint16() -> UInt16? {
        guard offset + 2 <= bytes.count else { return nil }
        defer { offset += 2 }
        return UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }

    mutating func skip(_ count: Int) -> Bool {
        guard count >= 0, offset + count <= bytes.count else { return false }
        offset += count
        return true
    }

    /// The labels of a name that may be compressed. Each pointer must lead further back than the one before it, so there
    /// are no loops and no more pointers than bytes; the whole stays within the longest name.
    mutating func name() -> [[UInt8]]? {
        var labels: [[UInt8]] = []
        var length = 1
        var position = offset
        var end: Int?
        var limit = offset
        while true {
            guard position < bytes.count else { return nil }
            let head = bytes[position]
            switch head >> 6 {
            case 0:
                if head == 0 {
                    offset = end ?? position + 1
                    return labels
                }
                let count = Int(head)
                length += count + 1
                guard length <= Self.longestName, position + 1 + count <= bytes.count else { return nil }
                labels.append(Array(bytes[(position + 1)..<(position + 1 + count)]))
                position += 1 + count
            case 3:
                guard position + 1 < bytes.count else { return nil }
                let target = Int(head & 0x3f) << 8 | Int(bytes[position + 1])
                guard target < limit, target >= Self.headerLength else { return nil }
                end = end ?? position + 2
                limit = target
                position = target
            default:
                return nil
            }
        }
    }

    /// Passes over a name without following its pointer, so that many records cost no more than their bytes.
    private mutating func skipName() -> Bool {
        while let head = byte() {
            if head == 0 { return true }
            switch head >> 6 {
            case 0: if !skip(Int(head)) { return false }
            case 3: return skip(1)
            default: return false
            }
        }
        return false
    }

    /// Passes over a record and tells what it was. Nil where it does not end within the message.
    mutating func record() -> (type: DNSRecordType, class: UInt16, ttl: UInt32)? {
        guard skipName(), let type = uint16(), let recordClass = uint16(), let high = uint16(), let low = uint16(),
            let length = uint16(), skip(Int(length))
        else { return nil }
        return (DNSRecordType(rawValue: type), recordClass, UInt32(high) << 16 | UInt32(low))
    }
}
