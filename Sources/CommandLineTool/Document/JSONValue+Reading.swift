import MeshModel

/// Short ways to read and write what servers and files say; what is missing, or of another type, is nil or empty.
extension JSONValue {
    /// The bounds of what this program reads: wide, since a list or a config dump of a large mesh is one text.
    static let readingLimits = JSONLimits(maximumDepth: 200, maximumBytes: 1 << 30)

    /// Reads one JSON text.
    init(reading bytes: [UInt8]) throws(JSONSyntaxError) {
        try self.init(parsing: bytes, limits: Self.readingLimits)
    }

    /// An object with these members.
    init(members: [(String, JSONValue)]) {
        var object = JSONObject()
        for (name, value) in members {
            object[name] = value
        }
        self = .object(object)
    }

    /// A whole number.
    var integer: Int? {
        asInt.flatMap { Int(exactly: $0) }
    }

    /// An array's elements.
    var elements: [JSONValue] {
        asArray ?? []
    }

    /// An object's members in their order.
    var members: [(name: String, value: JSONValue)] {
        (asObject?.list ?? []).map { ($0.0, $0.1) }
    }
}
