package import HTTPWire

/// What a page answers.
package struct HTTP1Response: Sendable {
    /// 200 to 599.
    package var status: Int
    /// Without content-length, transfer-encoding and connection, which the server writes.
    package var fields: HTTPFieldBlock
    /// The content; left out for HEAD.
    package var content: [UInt8]

    /// An answer of text.
    package init(status: Int = 200, type: String = "text/plain; charset=utf-8", _ text: String) {
        self.status = status
        fields = HTTPFieldBlock()
        fields.append(name: "content-type", value: type)
        content = Array(text.utf8)
    }

    /// `405` with the methods that would be right.
    package static func methodNotAllowed(_ allowed: String, _ text: String = "") -> HTTP1Response {
        var made = HTTP1Response(status: 405, text.isEmpty ? "use \(allowed)\n" : text)
        made.fields.append(name: "allow", value: allowed)
        return made
    }

    /// `404`.
    package static func notFound(_ path: String) -> HTTP1Response {
        HTTP1Response(status: 404, "there is no page \(path)\n")
    }
}
