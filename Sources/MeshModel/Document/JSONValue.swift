/// One JSON value (RFC 8259): the form in which resources travel between YAML, the API, the store and the compilation.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case int(Int64)
    /// Any other number.
    case double(Double)
    case string(String)
    indirect case array([JSONValue])
    indirect case object(JSONObject)

    /// The member of an object; nil for a missing member and for what is no object.
    package subscript(key: String) -> JSONValue? {
        get { asObject?[key] }
        set {
            guard case .object(var object) = self else {
                if newValue != nil { self = .object([key: newValue ?? .null]) }
                return
            }
            object[key] = newValue
            self = .object(object)
        }
    }

    /// The value at a path of keys.
    package func member(_ keys: String...) -> JSONValue? {
        keys.reduce(self as JSONValue?) { $0?[$1] }
    }

    /// The object, where it is one.
    package var asObject: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The elements, where it is an array.
    package var asArray: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The text, where it is a string.
    package var asString: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number, where it is a whole one.
    package var asInt: Int64? {
        if case .int(let number) = self { number } else { nil }
    }

    /// The flag, where it is one.
    package var asBool: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The elements that are strings; empty for anything but an array.
    package var strings: [String] { asArray?.compactMap(\.asString) ?? [] }

    /// The members that are strings; empty for anything but an object.
    package var stringMap: [String: String] {
        var map: [String: String] = [:]
        for (key, value) in asObject?.list ?? [] { map[key] = value.asString }
        return map
    }

    /// What a person calls this kind of value, for error texts.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .int, .double: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
