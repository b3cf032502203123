import MeshModel

/// What is done with a connection.
package enum ConnectionDecision: Sendable, Hashable {
    /// It is sent to a cluster, by the route of this origin.
    case forward(ClusterKey, origin: String)
    /// No route is for it: it is closed, flag NR.
    case noRoute
    /// The route leads nowhere: it is closed, flag NC. The reason is for logs.
    case noCluster(String, origin: String)
}

/// The routes of connections of one host in order: the first whose condition holds counts.
package final class ConnectionRouteList: Sendable {
    let routes: [ConnectionRoute]

    init(_ routes: [ConnectionRoute]) {
        self.routes = routes
    }

    /// Whether there is any route at all.
    package var isEmpty: Bool { routes.isEmpty }

    /// Whether a route is for connections with these facts, which say no server name.
    func hasRoute(for facts: RequestFacts) -> Bool {
        routes.contains { $0.holds(serverName: nil, facts) }
    }

    /// What is done with a connection; `serverName` is the one of its TLS hello.
    package func decide(
        serverName: String? = nil, _ facts: RequestFacts, _ random: inout some RandomNumberGenerator
    ) -> ConnectionDecision {
        let name = serverName.map { HostName($0) }
        guard let route = routes.first(where: { $0.holds(serverName: name, facts) }) else { return .noRoute }
        switch route.choice.choose(&random)?.target(port: facts.port) {
        case .cluster(let key)?: return .forward(key, origin: route.origin)
        case .missing(let reason)?: return .noCluster(reason, origin: route.origin)
        case nil: return .noCluster("no destination has a weight", origin: route.origin)
        }
    }

    /// The clusters that its routes may lead to.
    package var clusters: Set<ClusterKey> {
        Set(routes.flatMap { $0.choice.all.flatMap(\.clusters) })
    }
}
