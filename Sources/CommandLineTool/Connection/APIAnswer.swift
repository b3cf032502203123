package import MeshModel

/// What the resource API answered.
package struct APIAnswer: Sendable {
    package let status: Int
    /// The texts of its `Warning` headers.
    package let warnings: [String]
    package let body: [UInt8]

    package init(status: Int, warnings: [String], body: [UInt8]) {
        self.status = status
        self.warnings = warnings
        self.body = body
    }

    /// The body read as JSON; nil if it is not.
    package var value: JSONValue? {
        try? JSONValue(reading: body)
    }

    /// The text of a `Warning: 299 - "text"` header (RFC 7234 section 5.5), or the whole header if it has another form.
    package static func warningText(_ header: String) -> String {
        guard let first = header.firstIndex(of: "\""), let last = header.lastIndex(of: "\""), first < last else {
            return header
        }
        return String(header[header.index(after: first)..<last].replacing("\\\"", with: "\""))
    }
}
