import MeshModel

/// One request to the resource API, without the transport that brought it.
package struct APICall: Sendable {
    /// The method, in upper case.
    package var method: String
    /// The path, percent-decoded piece by piece, without the empty first piece.
    package var path: [String]
    /// The query; of equal names the last one counts.
    package var query: [String: String]
    /// The media type of the body, without parameters.
    package var contentType: String
    /// The media types that the client takes, as it wrote them.
    package var accept: String
    /// Bounded by `APILimits.maximumBody`.
    package var body: [UInt8]
    /// Who asks, from the client certificate.
    package var user: APIUser

    /// A call; tests make them directly.
    package init(
        method: String, path: String, query: [String: String] = [:], contentType: String = "application/json",
        accept: String = "", body: [UInt8] = [], user: APIUser
    ) {
        self.method = method
        self.path = path.split(separator: "/").map(String.init)
        self.query = query
        self.contentType = contentType
        self.accept = accept
        self.body = body
        self.user = user
    }

    /// Whether a query flag is set (`watch`, `watch=true`, `watch=1`).
    func flag(_ name: String) -> Bool {
        query[name].map { ["", "true", "1"].contains($0) } ?? false
    }

    /// A whole number of the query; nil where it is not given, and a refusal where it is none.
    func number(_ name: String) throws(APIFailure) -> Int? {
        guard let text = query[name], !text.isEmpty else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw APIFailure(400, "BadRequest", "\(name): \"\(text)\" is no number; write digits")
        }
        return number
    }

    /// The table that `kubectl get` asks for; nil where the client wants the objects themselves. Of the forms that it takes,
    /// the first one that is served counts.
    func tableContent() throws(APIFailure) -> ResourceTable.Content? {
        for part in accept.split(separator: ",") {
            let words = part.split(separator: ";").map { $0.filter { $0 != " " } }
            guard words.first == "application/json" else { continue }
            guard words.contains("as=Table") else { return nil }
            guard words.contains("v=v1"), words.contains("g=meta.k8s.io") else { continue }
            let wanted = query["includeObject"] ?? ResourceTable.Content.metadata.rawValue
            guard let content = ResourceTable.Content(rawValue: wanted) else {
                throw APIFailure(
                    400, "BadRequest", "includeObject: \"\(wanted)\" is unknown; use None, Metadata or Object")
            }
            return content
        }
        return nil
    }

    /// Whether the write is only tried (`dryRun=All`, for deletions also in the body).
    var isDryRun: Bool { query["dryRun"] == "All" || deleteOptions?["dryRun"]?.strings.contains("All") ?? false }

    /// Refuses a `dryRun` that is not understood: what should only be tried must not be done.
    func checkDryRun() throws(APIFailure) {
        let asked = [query["dryRun"]].compactMap { $0 } + (deleteOptions?["dryRun"]?.strings ?? [])
        if let other = asked.first(where: { !$0.isEmpty && $0 != "All" }) {
            throw APIFailure(400, "BadRequest", "dryRun: \"\(other)\" is not supported; use All, or leave it out")
        }
    }

    /// The options in the body of a deletion, where it has one that can be read; what cannot is refused by its reader.
    private var deleteOptions: JSONValue? {
        guard method == "DELETE", !body.isEmpty else { return nil }
        return try? JSONValue(parsing: body, limits: JSONLimits(maximumBytes: 1 << 16))
    }
}
