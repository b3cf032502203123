/// Headers that changes of a route leave alone, whoever writes them: those by which two servers find where a message ends, which
/// of them a connection is between, and what a request is addressed to. A proxy frames each message anew, so none of them
/// could come true; one that went out beside the proxy's own would be read by one server and not by the next (request smuggling).
package enum UntouchedHeaders {
    /// What is done to a header.
    package enum Operation: Sendable {
        case set, add, remove
    }

    /// By which messages are framed (RFC 9112 section 6).
    private static let framing: Set<String> = ["content-length", "transfer-encoding"]
    /// Of one connection (RFC 9110 section 7.6.1).
    private static let connection: Set<String> = [
        "connection", "http2-settings", "keep-alive", "proxy-connection", "te", "upgrade",
    ]

    /// Why a change of a header has no effect; nil where it has one. `name` in any case. The authority of a request can be set, by `Host` or `:authority`.
    package static func reason(_ name: String, _ operation: Operation, ofRequest: Bool) -> String? {
        let name = name.lowercased()
        if framing.contains(name) {
            return
                "has no effect: the proxy itself says how long each message is, since one with two lengths could hide a second request"
        }
        if connection.contains(name) {
            return "has no effect: it is about one connection, and the proxy's connections are its own"
        }
        if name == "host" || name == ":authority" {
            guard ofRequest else { return "has no effect: only requests have an authority" }
            return operation == .set
                ? nil : "has no effect: a request has one authority; set it, or use rewrite.authority"
        }
        guard name.hasPrefix(":") else { return nil }
        return name == ":path"
            ? "has no effect: use rewrite.uri"
            : "has no effect: no route changes what begins with ':', but for :authority"
    }
}
