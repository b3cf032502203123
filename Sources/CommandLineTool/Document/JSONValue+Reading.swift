package import MeshModel

/// Short ways to read and write what servers and files say; what is missing, or of another type, is nil or empty.
extension JSONValue {
    /// The bounds of what this program reads. They are wide: answers are bounded in bytes already, and a list or a config
    /// dump of a large mesh is one text.
    package static let readingLimits = JSONLimits(maxBytes: 1 << 30, maxDepth: 256, maxValues: 50_000_000)

    /// Reads one JSON text.
    package init(reading bytes: [UInt8]) throws(JSONParseError) {
        self = try JSONParser.parse(bytes, limits: Self.readingLimits)
    }

    /// An object with these members.
    package init(members: [(String, JSONValue)]) {
        self = .object(JSONObject(members))
    }

    /// A whole number.
    package var integer: Int? {
        intValue.flatMap { Int(exactly: $0) }
    }

    /// An array's elements.
    package var elements: [JSONValue] {
        arrayValue ?? []
    }

    /// An object's members in their order.
    package var members: [(name: String, value: JSONValue)] {
        (objectValue?.members ?? []).map { ($0.key, $0.value) }
    }

    /// JSON on one line.
    package var compactText: String {
        JSONPrinter.compact(self)
    }

    /// JSON with one member a line.
    package var prettyText: String {
        JSONPrinter.pretty(self)
    }
}
