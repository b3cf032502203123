/// A JSON object that keeps the order of its members; a key occurs once.
///
/// Equality and hashing follow the members in their order: two objects that differ only in order are different texts.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    private struct Member: Hashable, Sendable {
        var key: String
        var value: JSONValue
    }

    private var members: [Member] = []

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
        get { members.first { $0.key == key }?.value }
        set {
            switch (members.firstIndex { $0.key == key }, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Appends a member that is known to be new: the parser checks for duplicates itself, in constant time.
    mutating func append(_ key: String, _ value: JSONValue) {
        members.append(Member(key: key, value: value))
    }
}
