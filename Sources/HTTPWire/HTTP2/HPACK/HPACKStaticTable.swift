/// The static table of RFC 7541 appendix A, with an index for the encoder. About 2 KiB, built once.
struct HPACKStaticTable: Sendable {
    static let shared = HPACKStaticTable()
    static let count = 61

    private static let fields: [(StaticString, StaticString)] = [
        (":authority", ""),
        (":method", "GET"),
        (":method", "POST"),
        (":path", "/"),
        (":path", "/index.html"),
        (":scheme", "http"),
        (":scheme", "https"),
        (":status", "200"),
        (":status", "204"),
        (":status", "206"),
        (":status", "304"),
        (":status", "400"),
        (":status", "404"),
        (":status", "500"),
        ("accept-charset", ""),
        ("accept-encoding", "gzip, deflate"),
        ("accept-language", ""),
        ("accept-ranges", ""),
        ("accept", ""),
        ("access-control-allow-origin", ""),
        ("age", ""),
        ("allow", ""),
        ("authorization", ""),
        ("cache-control", ""),
        ("content-disposition", ""),
        ("content-encoding", ""),
        ("content-language", ""),
        ("content-length", ""),
        ("content-location", ""),
        ("content-range", ""),
        ("content-type", ""),
        ("cookie", ""),
        ("date", ""),
        ("etag", ""),
        ("expect", ""),
        ("expires", ""),
        ("from", ""),
        ("host", ""),
        ("if-match", ""),
        ("if-modified-since", ""),
        ("if-none-match", ""),
        ("if-range", ""),
        ("if-unmodified-since", ""),
        ("last-modified", ""),
        ("link", ""),
        ("location", ""),
        ("max-forwards", ""),
        ("proxy-authenticate", ""),
        ("proxy-authorization", ""),
        ("range", ""),
        ("referer", ""),
        ("refresh", ""),
        ("retry-after", ""),
        ("server", ""),
        ("set-cookie", ""),
        ("strict-transport-security", ""),
        ("transfer-encoding", ""),
        ("user-agent", ""),
        ("vary", ""),
        ("via", ""),
        ("www-authenticate", ""),
    ]

    /// The places of one field in `bytes`.
    struct Entry: Sendable {
        var name: Range<Int>
        var value: Range<Int>
    }

    /// All names and values.
    let bytes: [UInt8]
    /// Index 1 of the protocol is element 0.
    let entries: [Entry]
    /// Open-addressed by name hash: the first index that has the name; 0 is free.
    private let buckets: [UInt8]

    private init() {
        var bytes: [UInt8] = []
        var entries: [Entry] = []
        for (name, value) in Self.fields {
            let nameStart = bytes.count
            bytes.append(contentsOf: name.description.utf8)
            let valueStart = bytes.count
            bytes.append(contentsOf: value.description.utf8)
            entries.append(Entry(name: nameStart..<valueStart, value: valueStart..<bytes.count))
        }
        var buckets = [UInt8](repeating: 0, count: 256)
        for (position, entry) in entries.enumerated() {
            if position > 0, bytes[entries[position - 1].name] == bytes[entry.name] { continue }
            var slot = Int(HPACKHash.name(bytes.span.extracting(entry.name)) & 0xff)
            while buckets[slot] != 0 { slot = (slot + 1) & 0xff }
            buckets[slot] = UInt8(position + 1)
        }
        self.bytes = bytes
        self.entries = entries
        self.buckets = buckets
    }

    /// The lowest index of `name`, and the index of `name` with `value`; 0 for none.
    func find(name: Span<UInt8>, nameHash: UInt32, value: Span<UInt8>) -> (name: Int, field: Int) {
        var slot = Int(nameHash & 0xff)
        while buckets[slot] != 0 {
            let first = Int(buckets[slot])
            if matches(entries[first - 1].name, name) {
                var index = first
                while index <= Self.count, matches(entries[index - 1].name, name) {
                    if matches(entries[index - 1].value, value) { return (first, index) }
                    index += 1
                }
                return (first, 0)
            }
            slot = (slot + 1) & 0xff
        }
        return (0, 0)
    }

    private func matches(_ range: Range<Int>, _ other: Span<UInt8>) -> Bool {
        guard range.count == other.count else { return false }
        for index in 0..<other.count where bytes[range.lowerBound + index] != other[index] { return false }
        return true
    }
}
