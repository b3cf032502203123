package import MeshModel

/// Short ways to read what a server or a file said; what is missing, or of another type, is nil or empty.
extension JSONValue {
    /// A member of an object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    /// A string's text.
    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// A whole number.
    package var integer: Int? {
        guard case .int(let integer) = self else { return nil }
        return Int(exactly: integer)
    }

    /// An array's elements.
    package var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// An object's members in their order.
    package var members: [(name: String, value: JSONValue)] {
        guard case .object(let object) = self else { return [] }
        return object.list.map { ($0.0, $0.1) }
    }

    /// An object with these members.
    package init(members: [(String, JSONValue)]) {
        var object = JSONObject()
        for (name, value) in members {
            object[name] = value
        }
        self = .object(object)
    }
}
