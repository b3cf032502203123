import MeshModel

/// What the resource API answered.
struct APIAnswer: Sendable {
    let status: Int
    /// The texts of its `Warning` headers.
    let warnings: [String]
    let body: [UInt8]

    init(status: Int, warnings: [String], body: [UInt8]) {
        self.status = status
        self.warnings = warnings
        self.body = body
    }

    /// The body read as JSON; nil if it is not.
    var value: JSONValue? {
        try? JSONValue(reading: body)
    }

    /// The text of a `Warning: 299 - "text"` header (RFC 7234 section 5.5), or the whole header if it has another form.
    static func warningText(_ header: String) -> String {
        guard let first = header.firstIndex(of: "\""), let last = header.lastIndex(of: "\""), first < last else {
            return header
        }
        return String(header[header.index(after: first)..<last].replacing("\\\"", with: "\""))
    }
}
