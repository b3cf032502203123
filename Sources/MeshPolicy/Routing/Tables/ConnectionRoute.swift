import MeshModel

/// A compiled route of connections, by TLS server name (`tls`) or without (`tcp`).
struct ConnectionRoute: Sendable {
    /// One match block; everything must hold.
    struct Condition: Sendable {
        /// Names that the client asks for; nil where it may be any or none.
        var serverNames: [HostName]?
        /// Ranges of the address connected to; empty for any.
        var destinations: [CIDR] = []
        /// The range of the client's address; nil for any.
        var source: CIDR?
        var port: UInt16?
        var clientNamespace: String?
        var clientLabels: [String: String] = [:]

        func holds(serverName: HostName?, _ facts: RequestFacts) -> Bool {
            if let port, port != facts.port { return false }
            if let serverNames {
                guard let serverName, serverNames.contains(where: { serverName.isSubset(of: $0) }) else { return false }
            }
            if !destinations.isEmpty {
                guard let address = facts.destination, destinations.contains(where: { $0.contains(address) }) else {
                    return false
                }
            }
            if let source {
                guard let address = facts.source, source.contains(address) else { return false }
            }
            if let clientNamespace, facts.client?.namespace != clientNamespace { return false }
            return clientLabels.allSatisfy { facts.client?.labels[$0.key] == $0.value }
        }
    }

    /// One must hold; empty for every connection.
    let conditions: [Condition]
    let choice: WeightedChoice<RouteDestination.Place>
    let origin: String

    func holds(serverName: HostName?, _ facts: RequestFacts) -> Bool {
        conditions.isEmpty || conditions.contains { $0.holds(serverName: serverName, facts) }
    }

    /// The same route once for each condition and server name.
    var byServerName: [ConnectionRoute] {
        conditions.flatMap { condition -> [ConnectionRoute] in
            (condition.serverNames ?? []).map { name in
                var one = condition
                one.serverNames = [name]
                return ConnectionRoute(conditions: [one], choice: choice, origin: origin)
            }
        }
    }

    /// The server name that it demands; nil for any.
    var serverName: HostName? { conditions.first?.serverNames?.first }
}
