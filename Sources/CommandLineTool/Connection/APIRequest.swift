import Foundation

/// One request to the resource API.
struct APIRequest: Equatable, Sendable {
    enum Method: String, Sendable {
        case fetch = "GET"
        case post = "POST"
        case patch = "PATCH"
        case remove = "DELETE"
    }

    var method: Method
    /// The path, `/api/v1/...`; its parts need no escaping (names are DNS names).
    var path: String
    /// Query items, in the order in which they are sent.
    var query: [(name: String, value: String)]
    /// The body's text.
    var body: String?
    var contentType: String

    init(
        _ method: Method, _ path: String, query: [(name: String, value: String)] = [], body: String? = nil,
        contentType: String = "application/json"
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.contentType = contentType
    }

    /// Path and query as they stand in the request line.
    var target: String {
        let escapedPath = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        guard !query.isEmpty else { return escapedPath }
        let items = query.map { "\($0.name)=\(Self.escaped($0.value))" }
        return escapedPath + "?" + items.joined(separator: "&")
    }

    static func == (left: APIRequest, right: APIRequest) -> Bool {
        left.method == right.method && left.target == right.target && left.body == right.body
            && left.contentType == right.contentType
    }

    private static func escaped(_ value: String) -> String {
        value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? value
    }

    /// RFC 3986 section 2.3.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
