/// The dynamic table of RFC 7541 section 2.3.2: first in, first out, bounded by `maximumSize` as section 4.1 counts.
///
/// Names and values lie back to back in one array, which takes no memory until the first insertion and never holds
/// more than twice the live bytes.
struct HPACKDynamicTable: Sendable {
    /// The places of one field in `bytes`, with its hashes for the encoder.
    struct Entry: Sendable {
        var start: UInt32
        var nameLength: UInt32
        var valueLength: UInt32
        var nameHash: UInt32
        var fieldHash: UInt32

        var size: Int { Int(nameLength) + Int(valueLength) + 32 }
        var name: Range<Int> { Int(start)..<(Int(start) + Int(nameLength)) }
        var value: Range<Int> {
            (Int(start) + Int(nameLength))..<(Int(start) + Int(nameLength) + Int(valueLength))
        }
    }

    /// Names and values; those before the oldest live entry are dead.
    private(set) var bytes: [UInt8] = []
    private var entries: [Entry] = []
    private var firstEntry = 0
    /// As section 4.1 counts: names, values, and 32 for each entry.
    private(set) var size = 0
    /// Above it the oldest entries go.
    private(set) var maximumSize: Int

    init(maximumSize: Int) {
        self.maximumSize = maximumSize
    }

    /// The number of entries.
    var count: Int { entries.count - firstEntry }

    /// The entry at `position`, 0 being the newest.
    subscript(position: Int) -> Entry { entries[entries.count - 1 - position] }

    /// Changes the bound, evicting what no longer fits (section 4.3).
    mutating func resize(to newSize: Int) {
        maximumSize = newSize
        evict(until: newSize)
    }

    /// Adds a field whose name and value are ranges of `source` (section 4.4): one larger than the table empties it.
    mutating func insert(_ source: Span<UInt8>, name: Range<Int>, value: Range<Int>, indexed: Bool) {
        let entrySize = name.count + value.count + 32
        guard entrySize <= maximumSize else {
            evict(until: 0)
            return
        }
        evict(until: maximumSize - entrySize)
        let start = bytes.count
        let nameBytes = source.extracting(name)
        let valueBytes = source.extracting(value)
        bytes.append(span: nameBytes)
        bytes.append(span: valueBytes)
        let nameHash = indexed ? HPACKHash.name(nameBytes) : 0
        let fieldHash = indexed ? HPACKHash.field(nameHash: nameHash, value: valueBytes) : 0
        entries.append(
            Entry(
                start: UInt32(truncatingIfNeeded: start), nameLength: UInt32(truncatingIfNeeded: name.count),
                valueLength: UInt32(truncatingIfNeeded: value.count), nameHash: nameHash, fieldHash: fieldHash))
        size += entrySize
    }

    /// The positions of `name`, and of `name` with `value`; nil for none. Needs insertions with `indexed`.
    func find(
        name: Span<UInt8>, nameHash: UInt32, value: Span<UInt8>, fieldHash: UInt32
    ) -> (name: Int?, field: Int?) {
        var namePosition: Int?
        var index = entries.count
        while index > firstEntry {
            index -= 1
            let entry = entries[index]
            guard entry.nameHash == nameHash, matches(entry.name, name) else { continue }
            let position = entries.count - 1 - index
            if namePosition == nil { namePosition = position }
            if entry.fieldHash == fieldHash, matches(entry.value, value) { return (position, position) }
        }
        return (namePosition, nil)
    }

    private func matches(_ range: Range<Int>, _ other: Span<UInt8>) -> Bool {
        guard range.count == other.count else { return false }
        for index in 0..<other.count where bytes[range.lowerBound + index] != other[index] { return false }
        return true
    }

    private mutating func evict(until bound: Int) {
        while size > bound, firstEntry < entries.count {
            size -= entries[firstEntry].size
            firstEntry += 1
        }
        if firstEntry == entries.count {
            bytes.removeAll(keepingCapacity: maximumSize > 0)
            entries.removeAll(keepingCapacity: maximumSize > 0)
            firstEntry = 0
            size = 0
        } else if firstEntry > 16, firstEntry * 2 > entries.count {
            compact()
        }
    }

    /// Drops dead entries and bytes; each costs O(1) over its life.
    private mutating func compact() {
        let dead = entries[firstEntry].start
        bytes.removeFirst(Int(dead))
        entries.removeFirst(firstEntry)
        firstEntry = 0
        for index in entries.indices { entries[index].start -= dead }
    }
}
