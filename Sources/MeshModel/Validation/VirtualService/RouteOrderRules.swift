/// Warns of routes that no request or connection reaches, because earlier ones take all of it (I 2.2, IST0130, IST0131).
enum RouteOrderRules {
    static func check(_ spec: VirtualServiceSpec, at path: FieldPath, _ findings: Findings) {
        check(
            spec.http.map { route in route.match.map(condition) }, at: path.appending(key: "http"), findings,
            isAll: { $0.isCatchAll })
        check(spec.tls.map(\.match), at: path.appending(key: "tls"), findings, isAll: { _ in false })
        check(
            spec.tcp.map(\.match), at: path.appending(key: "tcp"), findings,
            isAll: { $0 == VirtualServiceSpec.TCPRoute.Match() })
    }

    /// A condition without what does not decide.
    private static func condition(_ match: VirtualServiceSpec.HTTPMatch) -> VirtualServiceSpec.HTTPMatch {
        var match = match
        match.name = ""
        match.statPrefix = ""
        return match
    }

    private static func check<Match: Hashable>(
        _ routes: [[Match]], at path: FieldPath, _ findings: Findings, isAll: (Match) -> Bool
    ) {
        var seen: Set<Match> = []
        var catchAll: Int?
        for (index, matches) in routes.enumerated() {
            let place = path.appending(index: index)
            if let catchAll {
                findings.warn(
                    place, "IST0130: is never reached, since entry \(catchAll) takes everything; move it before that")
                continue
            }
            let known = matches.filter(seen.contains)
            if !matches.isEmpty, known.count == matches.count {
                findings.warn(place, "IST0130: is never reached, since earlier entries have the same conditions")
            } else {
                for (position, match) in matches.enumerated() where seen.contains(match) {
                    findings.warn(
                        place.appending(key: "match").appending(index: position),
                        "IST0131: never matches, since an earlier entry has the same condition")
                }
            }
            seen.formUnion(matches)
            if matches.isEmpty || matches.contains(where: isAll) { catchAll = index }
        }
    }
}

extension VirtualServiceSpec.HTTPMatch {
    /// Whether every request meets it.
    fileprivate var isCatchAll: Bool {
        var rest = self
        rest.uri = nil
        guard rest == VirtualServiceSpec.HTTPMatch() else { return false }
        return [nil, .prefix("/"), .prefix(""), .regex(".*"), .present].contains(uri)
    }
}
