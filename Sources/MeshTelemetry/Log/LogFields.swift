/// The `key=value` pairs of a log line, in order.
package struct LogFields: Sendable, Hashable {
    /// One value; strings are quoted in the plain form, words are not.
    package enum Value: Sendable, Hashable {
        /// Free text.
        case string(String)
        /// Text that needs no quotes, such as an address.
        case word(String)
        /// A number.
        case integer(UInt64)
        /// Nothing is known, and the reader is told so.
        case null
    }

    /// The pairs.
    package private(set) var pairs: [(key: String, value: Value)] = []

    /// No fields.
    package init() {}

    /// Adds free text; nil adds nothing.
    package mutating func add(_ key: String, _ text: String?) {
        if let text { pairs.append((key, .string(text))) }
    }

    /// Adds free text, or null for what is empty.
    package mutating func add(_ key: String, orNull text: String) {
        pairs.append((key, text.isEmpty ? .null : .string(text)))
    }

    /// Adds a word such as an address; nil adds nothing.
    package mutating func add(_ key: String, word: String?) {
        if let word { pairs.append((key, .word(word))) }
    }

    /// Adds a number.
    package mutating func add(_ key: String, _ number: UInt64) {
        pairs.append((key, .integer(number)))
    }

    package static func == (left: LogFields, right: LogFields) -> Bool {
        left.pairs.elementsEqual(right.pairs) { $0.key == $1.key && $0.value == $1.value }
    }

    package func hash(into hasher: inout Hasher) {
        for (key, value) in pairs {
            hasher.combine(key)
            hasher.combine(value)
        }
    }
}
