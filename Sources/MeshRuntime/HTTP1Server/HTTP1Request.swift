package import HTTPWire

/// One request as the pages of a node program see it: complete, its content bounded by the server's limits.
package struct HTTP1Request: Sendable {
    /// A token such as GET.
    package let method: String
    /// The target up to the first `?`.
    package let path: String
    /// What follows the first `?`; empty if there is none.
    package let query: String
    /// Names in lower case.
    package let fields: HTTPFieldBlock
    /// The content.
    package let content: [UInt8]

    /// A request for `target`.
    package init(method: String, target: String, fields: HTTPFieldBlock = HTTPFieldBlock(), content: [UInt8] = []) {
        self.method = method
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.map(String.init) ?? ""
        query = parts.count > 1 ? String(parts[1]) : ""
        self.fields = fields
        self.content = content
    }

    /// The value of a query parameter, percent coding taken away; nil if it is not there.
    package func parameter(_ name: String) -> String? {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.first.map(String.init).flatMap(Self.decode) == name else { continue }
            return parts.count > 1 ? Self.decode(String(parts[1])) : ""
        }
        return nil
    }

    /// Percent decoding (RFC 3986, section 2.1); nil if a `%` is not followed by two hexadecimal digits.
    package static func decode(_ text: String) -> String? {
        var decoded: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                return nil
            }
            decoded.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
