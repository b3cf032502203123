/// The routes of one host in order: the first whose condition holds counts. Immutable; any thread.
package final class HTTPRouteList: Sendable {
    /// The entries in order.
    package let entries: [RouteEntry]
    private let index: RouteIndex

    /// No routes: a request is answered 404, flag NR.
    package static let none = HTTPRouteList([])

    init(_ entries: [RouteEntry]) {
        self.entries = entries
        index = RouteIndex(entries.map(\.condition))
    }

    /// The first entry whose condition holds. Allocates nothing unless a field occurs several times.
    package func entry(for request: some RequestFields, _ facts: RequestFacts) -> RouteEntry? {
        var best = entries.count
        var hasPath = false
        request.forEachValue(of: FieldName.path) { path in
            guard !hasPath else { return }
            hasPath = true
            best = firstPosition(path: path, request, facts)
        }
        if !hasPath { best = firstPosition(path: Span(), request, facts) }
        return best < entries.count ? entries[best] : nil
    }

    /// What is done with a request.
    package func decide(
        _ request: some RequestFields, _ facts: RequestFacts, _ random: inout some RandomNumberGenerator
    ) -> RouteDecision {
        guard let entry = entry(for: request, facts) else { return .noRoute }
        switch entry.route.outcome {
        case .forward(let choice):
            guard let destination = choice.choose(&random) else {
                return .noCluster(entry, "no destination has a weight")
            }
            switch destination.place.target(port: facts.port) {
            case .cluster(let key): return .forward(entry, key, destination)
            case .missing(let reason): return .noCluster(entry, reason)
            }
        case .redirect(let rule): return .redirect(entry, rule)
        case .directResponse(let answer): return .directResponse(entry, answer)
        case .none: return .noRoute
        }
    }

    /// Why each entry before the one that counts does not, and which one does: one line each.
    package func explain(_ request: some RequestFields, _ facts: RequestFacts) -> [String] {
        let path = request.firstValue(of: FieldName.path) ?? []
        var lines: [String] = []
        for entry in entries {
            let mismatch = entry.condition.mismatch(
                path: path.span, length: path.span.pathLength, fields: request, facts: facts)
            guard let mismatch else { return lines + ["\(entry.origin) matches"] }
            lines.append("\(entry.origin) is passed over: \(mismatch)")
        }
        return lines + ["no route is for it: 404"]
    }

    /// The clusters that its routes may lead to.
    package var clusters: Set<ClusterKey> { Set(entries.flatMap { $0.route.clusters }) }

    private func firstPosition(path: Span<UInt8>, _ request: some RequestFields, _ facts: RequestFacts) -> Int {
        let length = path.pathLength
        var best = entries.count
        // Lists come in no order, so the walk of each ends where an earlier entry is known to match.
        index.forEachList(path: path.extracting(first: length), fields: request) { positions in
            for position in positions {
                guard position < best else { return }
                let entry = entries[position]
                if entry.condition.mismatch(path: path, length: length, fields: request, facts: facts) == nil {
                    best = position
                    return
                }
            }
        }
        return best
    }
}
