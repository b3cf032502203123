/// Values by host, found by the authority of a request without allocating: the name itself, else the longest wildcard.
struct HostTable<Value: Sendable>: Sendable {
    private struct Slot: Sendable {
        let name: [UInt8]
        let value: Value
    }

    private var names: [UInt64: [Slot]] = [:]
    /// By ending, with its first dot.
    private var endings: [UInt64: [Slot]] = [:]
    private var everything: Value?

    /// An empty table.
    init() {}

    /// Adds a host; one that is there already stays.
    mutating func insert(_ host: HostName, _ value: Value) {
        if host.text == "*" {
            everything = everything ?? value
            return
        }
        let name = Array(host.isWildcard ? host.text.utf8.dropFirst() : host.text.utf8[...])
        let key = Self.hash(name.span, 0..<name.count)
        if host.isWildcard {
            if !(endings[key] ?? []).contains(where: { $0.name == name }) {
                endings[key, default: []].append(Slot(name: name, value: value))
            }
        } else if !(names[key] ?? []).contains(where: { $0.name == name }) {
            names[key, default: []].append(Slot(name: name, value: value))
        }
    }

    /// The value for an authority, whose port does not count, nor its case, nor a final dot.
    func value(authority: Span<UInt8>) -> Value? {
        let range = 0..<Self.nameLength(authority)
        if let found = Self.find(names, authority, range) { return found }
        guard !endings.isEmpty else { return everything }
        for index in range where authority[index] == 0x2e && index > 0 {
            if let found = Self.find(endings, authority, index..<range.upperBound) { return found }
        }
        return everything
    }

    private static func find(_ slots: [UInt64: [Slot]], _ text: Span<UInt8>, _ range: Range<Int>) -> Value? {
        guard let list = slots[hash(text, range)] else { return nil }
        for slot in list where text.extracting(range).equals(slot.name, foldingCase: true) { return slot.value }
        return nil
    }

    private static func hash(_ text: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        var hash = ByteHash()
        for index in range { hash.add(text[index].asciiLowercased) }
        return hash.value
    }

    /// The length of the name in an authority, without port and final dot.
    private static func nameLength(_ authority: Span<UInt8>) -> Int {
        var length = authority.count
        var index = authority.count - 1
        while index >= 0, authority[index] >= 0x30, authority[index] <= 0x39 { index -= 1 }
        if index >= 0, authority[index] == 0x3a { length = index }
        if length > 1, authority[length - 1] == 0x2e { length -= 1 }
        return length
    }
}
