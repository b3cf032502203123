/// Encodes header blocks of one direction of a connection (RFC 7541 section 3). Confined to its connection.
///
/// Three ways to send a field: sensitive ones (marked so, credentials, cookies) are never indexed; those whose value
/// differs on each request are sent as literals with an indexed name; all others enter the table.
package struct HPACKEncoder: Sendable {
    /// More than the default table gains nothing for the few fields of a tunnel and costs memory on each connection.
    package static let largestTable = 4096

    private var table = HPACKDynamicTable(maximumSize: HPACKEncoder.largestTable)
    /// The smallest size since the last block, if the size changed.
    private var smallestPendingSize: Int?

    /// An encoder with the initial table size of 4,096 bytes.
    package init() {}

    /// The table's size now, as RFC 7541 section 4.1 counts.
    package var tableSize: Int { table.size }

    /// The peer announced SETTINGS_HEADER_TABLE_SIZE: the next block begins with the update (section 4.2).
    package mutating func setPeerLimit(_ limit: Int) {
        let size = min(max(limit, 0), Self.largestTable)
        guard size != table.maximumSize else { return }
        smallestPendingSize = min(smallestPendingSize ?? size, size)
        table.resize(to: size)
    }

    /// Appends the block for `fields` to `output`.
    package mutating func encode(_ fields: HTTPFieldBlock, into output: inout [UInt8]) {
        if let smallest = smallestPendingSize {
            if smallest < table.maximumSize {
                HPACKInteger.encode(smallest, prefixBits: 5, pattern: 0x20, into: &output)
            }
            HPACKInteger.encode(table.maximumSize, prefixBits: 5, pattern: 0x20, into: &output)
            smallestPendingSize = nil
        }
        let bytes = fields.storage.span
        var cursor = 0
        while let field = fields.record(at: cursor) {
            encode(
                bytes, nameRange: field.name, valueRange: field.value, sensitive: field.sensitive, into: &output)
            cursor = field.value.upperBound
        }
    }

    private mutating func encode(
        _ bytes: Span<UInt8>, nameRange: Range<Int>, valueRange: Range<Int>, sensitive: Bool,
        into output: inout [UInt8]
    ) {
        let name = bytes.extracting(nameRange)
        let value = bytes.extracting(valueRange)
        let nameHash = HPACKHash.name(name)
        let inStatic = HPACKStaticTable.shared.find(name: name, nameHash: nameHash, value: value)
        let secret = sensitive || Self.isSecret(staticIndex: inStatic.name)
        if !secret, inStatic.field != 0 {
            HPACKInteger.encode(inStatic.field, prefixBits: 7, pattern: 0x80, into: &output)
            return
        }
        let fieldHash = HPACKHash.field(nameHash: nameHash, value: value)
        let inTable = table.find(name: name, nameHash: nameHash, value: value, fieldHash: fieldHash)
        if !secret, let position = inTable.field {
            HPACKInteger.encode(
                position + HPACKStaticTable.count + 1, prefixBits: 7, pattern: 0x80, into: &output)
            return
        }
        var nameIndex = inStatic.name
        if nameIndex == 0, let position = inTable.name { nameIndex = position + HPACKStaticTable.count + 1 }
        // A volatile field without an indexed name enters the table once, for the sake of its name.
        let fits = name.count + value.count + 32 <= table.maximumSize / 2
        let index = !secret && fits && (nameIndex == 0 || !Self.isVolatile(name, staticIndex: inStatic.name))
        if index {
            HPACKInteger.encode(nameIndex, prefixBits: 6, pattern: 0x40, into: &output)
        } else {
            HPACKInteger.encode(nameIndex, prefixBits: 4, pattern: secret ? 0x10 : 0x00, into: &output)
        }
        if nameIndex == 0 { Self.encodeString(name, into: &output) }
        Self.encodeString(value, into: &output)
        if index { table.insert(bytes, name: nameRange, value: valueRange, indexed: true) }
    }

    /// authorization, cookie, proxy-authorization, set-cookie.
    private static func isSecret(staticIndex: Int) -> Bool {
        staticIndex == 23 || staticIndex == 32 || staticIndex == 49 || staticIndex == 55
    }

    private static func isVolatile(_ name: Span<UInt8>, staticIndex: Int) -> Bool {
        switch staticIndex {
        // :path, age, content-length, content-range, date, etag, expires, if-*, last-modified, location
        case 4, 21, 28, 30, 33, 34, 36, 39, 40, 41, 42, 43, 44, 46: return true
        case 0: break
        default: return false
        }
        return name.equals("traceparent") || name.equals("tracestate") || name.equals("forwarded")
            || name.equals("x-request-id") || name.equals("x-forwarded-for") || name.equals("grpc-timeout")
    }

    /// The shorter of the two forms of section 5.2.
    private static func encodeString(_ string: Span<UInt8>, into output: inout [UInt8]) {
        let coded = HPACKHuffmanCode.shared.encodedLength(string)
        if coded < string.count {
            HPACKInteger.encode(coded, prefixBits: 7, pattern: 0x80, into: &output)
            HPACKHuffmanCode.shared.encode(string, into: &output)
        } else {
            HPACKInteger.encode(string.count, prefixBits: 7, pattern: 0x00, into: &output)
            output.append(span: string)
        }
    }
}
