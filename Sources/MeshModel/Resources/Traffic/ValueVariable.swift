/// One of Envoy's variables in a header's value, of those that are known here (I 2.12). Pure.
package enum ValueVariable: Sendable, Hashable {
    /// A header: `NAME?ALTERNATIVE`, cut to `limit` bytes where that is given.
    package struct Header: Sendable, Hashable {
        /// As written.
        package let name: String
        /// The one that counts where there is none of `name`; nil for none.
        package let alternative: String?
        /// In bytes.
        package let limit: Int?
    }

    /// Of the request, `REQ(...)`.
    case request(Header)
    /// Of the response, `RESP(...)`.
    case response(Header)
    /// One without arguments: see `names`.
    case named(String)

    /// Those without arguments.
    package static let names: Set<String> = [
        "PROTOCOL", "RESPONSE_CODE", "RESPONSE_FLAGS", "ROUTE_NAME", "HOSTNAME", "UPSTREAM_HOST", "UPSTREAM_CLUSTER",
        "UPSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_REMOTE_ADDRESS", "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
        "DOWNSTREAM_DIRECT_REMOTE_ADDRESS", "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT", "DOWNSTREAM_LOCAL_ADDRESS",
        "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", "DOWNSTREAM_LOCAL_PORT", "DOWNSTREAM_LOCAL_URI_SAN",
        "DOWNSTREAM_PEER_URI_SAN", "REQUESTED_SERVER_NAME", "START_TIME",
    ]

    /// All that are known, for people.
    package static let known =
        (["REQ(HEADER)", "RESP(HEADER)"] + names.sorted()).map { "%\($0)%" }.joined(separator: ", ")

    /// The variable that stands between two percent signs; nil where it is not known.
    package init?(_ text: String) {
        if Self.names.contains(text) {
            self = .named(text)
        } else if let header = Self.header(text, keyword: "REQ(") {
            self = .request(header)
        } else if let header = Self.header(text, keyword: "RESP(") {
            self = .response(header)
        } else {
            return nil
        }
    }

    private static func header(_ text: String, keyword: String) -> Header? {
        guard text.hasPrefix(keyword) else { return nil }
        let inner = text.dropFirst(keyword.count)
        guard let close = inner.lastIndex(of: ")") else { return nil }
        var limit: Int?
        let tail = inner[inner.index(after: close)...]
        if !tail.isEmpty {
            guard tail.first == ":", let number = Int(tail.dropFirst()), number >= 0 else { return nil }
            limit = number
        }
        let names = inner[..<close].split(separator: "?", omittingEmptySubsequences: false)
        guard let first = names.first, !first.isEmpty, names.count <= 2 else { return nil }
        return Header(name: String(first), alternative: names.count == 2 ? String(names[1]) : nil, limit: limit)
    }
}
