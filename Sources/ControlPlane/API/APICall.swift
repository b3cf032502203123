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
    /// Bounded by `APILimits.maximumBody`.
    package var body: [UInt8]
    /// Who asks, from the client certificate.
    package var user: APIUser

    /// A call; tests make them directly.
    package init(
        method: String, path: String, query: [String: String] = [:], contentType: String = "application/json",
        body: [UInt8] = [], user: APIUser
    ) {
        self.method = method
        self.path = path.split(separator: "/").map(String.init)
        self.query = query
        self.contentType = contentType
        self.body = body
        self.user = user
    }

    /// Whether a query flag is set (`watch`, `watch=true`, `watch=1`).
    func flag(_ name: String) -> Bool {
        query[name].map { ["", "true", "1"].contains($0) } ?? false
    }

    /// Whether the write is only tried (`dryRun=All`).
    var isDryRun: Bool { query["dryRun"] == "All" }
}
