import MeshModel

/// An answer that sends the client elsewhere (I 2.5). Parts that are not given stay as they were asked for.
package struct RedirectRule: Sendable {
    /// What becomes of the path.
    enum Path: Sendable {
        case same
        case whole([UInt8])
        case prefix([UInt8])
    }

    /// 301, 302, 303, 307 or 308.
    package let status: Int
    let path: Path
    let authority: String?
    let port: VirtualServiceSpec.Redirect.Port?
    let scheme: String?

    /// The rule; nil for a status that sends nobody anywhere.
    init?(_ redirect: VirtualServiceSpec.Redirect) {
        guard [301, 302, 303, 307, 308].contains(redirect.code) else { return nil }
        status = redirect.code
        authority = redirect.authority.flatMap { $0.isEmpty ? nil : $0 }
        port = redirect.port
        scheme = redirect.scheme.flatMap { $0.isEmpty ? nil : $0 }
        if let uri = redirect.uri, !uri.isEmpty {
            path = .whole(Array(uri.utf8))
        } else if let prefix = redirect.prefixRewrite, !prefix.isEmpty {
            path = .prefix(Array(prefix.utf8))
        } else {
            path = .same
        }
    }

    /// The value of `location`. `asked` is the scheme that the client used, which may differ from `:scheme` on this hop.
    func location(
        _ request: some RequestFields, scheme asked: String, port listener: UInt16, matchedBy match: PathCondition?
    ) -> [UInt8] {
        let newScheme = scheme ?? asked
        var result = Array(newScheme.utf8)
        result.append(contentsOf: Array("://".utf8))
        let host = authority.map { Array($0.utf8) } ?? request.firstValue(of: FieldName.authority) ?? []
        result.append(contentsOf: portRule(newScheme, asked, listener).apply(to: host))
        let path = request.firstValue(of: FieldName.path) ?? [0x2f]
        switch self.path {
        case .same:
            result.append(contentsOf: path)
        case .whole(let text):
            result.append(contentsOf: text)
            let query = path.span.pathLength
            if query < path.count, path[query] == 0x3f, !text.contains(0x3f) {
                result.append(contentsOf: path[query...])
            }
        case .prefix(let text):
            result.append(
                contentsOf: RewriteRule.replacing(text).rewritten(path.span, matchedBy: match))
        }
        return result
    }

    private func portRule(_ new: String, _ asked: String, _ listener: UInt16) -> AuthorityPort {
        let defaultPort: UInt16 = new == "https" ? 443 : 80
        switch port {
        case .number(let number)?: return number == defaultPort ? .none : .number(number)
        case .request?: return listener == defaultPort ? .none : .number(listener)
        case .protocolDefault?: return .none
        case nil:
            // A port that belongs to the old scheme would be wrong in the new one.
            guard authority == nil, new != asked else { return .same }
            return .without(asked == "https" ? 443 : 80)
        }
    }
}
