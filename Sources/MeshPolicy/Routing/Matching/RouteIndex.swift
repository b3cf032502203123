/// Finds the entries that a request may match without looking at all: a thousand routes then cost about what one does.
///
/// Each entry is listed under one thing that it demands: a whole path, a beginning of it, or the value of a field, whichever
/// the fewest other entries share; entries that demand none of these are on a list that is always walked. Lists are kept
/// under 64-bit hashes alone: two keys with one hash cost a comparison, never a wrong answer, because whoever asks verifies.
struct RouteIndex: Sendable {
    /// What an entry may be listed under.
    private enum Key: Hashable {
        case exact([UInt8])
        case prefix([UInt8])
        case field([UInt8], [UInt8])
    }

    private struct Field: Sendable {
        let name: [UInt8]
        var lists: [UInt64: [Int]] = [:]
    }

    private var exact: [UInt64: [Int]] = [:]
    private var prefixes: [UInt64: [Int]] = [:]
    /// Lengths of the beginnings, ascending.
    private var prefixLengths: [Int] = []
    private var fields: [Field] = []
    private var others: [Int] = []

    /// The index of conditions, in the order of their entries.
    init(_ conditions: [RouteCondition]) {
        let candidates = conditions.map(Self.keys)
        var shares: [Key: Int] = [:]
        for keys in candidates {
            for key in keys { shares[key, default: 0] += 1 }
        }
        for (position, keys) in candidates.enumerated() {
            guard let key = keys.min(by: { shares[$0, default: 0] < shares[$1, default: 0] }) else {
                others.append(position)
                continue
            }
            insert(position, key)
        }
        prefixLengths.sort()
    }

    /// Calls `body` with lists of positions that together hold every entry which the request can match, each list
    /// ascending. `path` has no query.
    func forEachList(path: Span<UInt8>, fields request: some RequestFields, _ body: ([Int]) -> Void) {
        var hash = ByteHash()
        var next = 0
        for length in 0...path.count {
            if next < prefixLengths.count, prefixLengths[next] == length {
                if let list = prefixes[hash.value] { body(list) }
                next += 1
            }
            if length < path.count { hash.add(path[length]) }
            if exact.isEmpty, next == prefixLengths.count { break }
        }
        if !exact.isEmpty, let list = exact[hash.value] { body(list) }
        for field in fields {
            // Several values count as one with commas, as the condition takes them.
            var hash = ByteHash()
            var count = 0
            request.forEachValue(of: field.name) { value in
                if count > 0 { hash.add(0x2c) }
                count += 1
                hash.add(value)
            }
            if count > 0, let list = field.lists[hash.value] { body(list) }
        }
        if !others.isEmpty { body(others) }
    }

    private static func keys(_ condition: RouteCondition) -> [Key] {
        var keys: [Key] = []
        switch condition.path {
        case .exact(let text, foldingCase: false)?: keys.append(.exact(text))
        case .prefix(let text, foldingCase: false)?: keys.append(.prefix(text))
        default: break
        }
        for field in condition.fields where !field.isInverted {
            if case .exact(let text) = field.condition { keys.append(.field(field.name, text)) }
        }
        return keys
    }

    private mutating func insert(_ position: Int, _ key: Key) {
        switch key {
        case .exact(let text):
            exact[Self.hash(text), default: []].append(position)
        case .prefix(let text):
            prefixes[Self.hash(text), default: []].append(position)
            if !prefixLengths.contains(text.count) { prefixLengths.append(text.count) }
        case .field(let name, let text):
            let place = fields.firstIndex { $0.name == name } ?? fields.count
            if place == fields.count { fields.append(Field(name: name)) }
            fields[place].lists[Self.hash(text), default: []].append(position)
        }
    }

    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        var hash = ByteHash()
        hash.add(bytes.span)
        return hash.value
    }
}
