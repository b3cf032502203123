/// A JSON object that keeps the order of its members; a key occurs once.
///
/// Equality and hashing follow the members in their order: two objects that differ only in order are different texts.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    private struct Member: Hashable, Sendable {
        var key: String
        var value: JSONValue
    }

    /// Up to this many members are searched one by one; more get an index, so that no size costs quadratic time.
    private static let linearLimit = 12

    private var members: [Member] = []
    private var places: [String: Int] = [:]

    /// An empty object.
    package init() {}

    /// An object of the given members; of equal keys the last one counts.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements { self[key] = value }
    }

    /// Whether it has no member.
    package var isEmpty: Bool { members.isEmpty }

    /// How many members it has.
    package var count: Int { members.count }

    /// The members in order.
    package var list: [(String, JSONValue)] { members.map { ($0.key, $0.value) } }

    /// The keys in order.
    package var keys: [String] { members.map(\.key) }

    /// The member of a key. Setting keeps a present member's place and appends a new one; nil removes it.
    package subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil):
                members.remove(at: place)
                index()
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// Appends a member that is known to be new: the parser checks for duplicates itself, in constant time.
    mutating func append(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
        if places.isEmpty { index() } else { places[key] = members.count - 1 }
    }

    private func place(of key: String) -> Int? {
        places.isEmpty ? members.firstIndex { $0.key == key } : places[key]
    }

    private mutating func index() {
        places.removeAll(keepingCapacity: true)
        guard members.count > Self.linearLimit else { return }
        for (place, member) in members.enumerated() { places[member.key] = place }
    }

    package static func == (left: JSONObject, right: JSONObject) -> Bool { left.members == right.members }

    package func hash(into hasher: inout Hasher) { hasher.combine(members) }
}
