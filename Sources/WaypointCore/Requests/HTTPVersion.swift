/// The versions of HTTP that a waypoint speaks with clients and endpoints.
enum HTTPVersion: Sendable, Hashable {
    /// HTTP/1.1, and HTTP/1.0 of clients.
    case http1
    case http2

    /// As access logs have it.
    var text: String {
        switch self {
        case .http1: "HTTP/1.1"
        case .http2: "HTTP/2"
        }
    }
}
