import MeshModel

extension Authorization {
    /// Whether any rule matches.
    func matches(_ peer: PeerFacts) -> Bool {
        rules.contains { rule in
            rule.clauses.allSatisfy { clause in
                clause.matches.isEmpty || clause.matches.contains { $0.matches(peer, action: action) }
            }
        }
    }
}

extension AuthorizationMatch {
    /// Whether every kind of condition holds.
    func matches(_ peer: PeerFacts, action: Authorization.Action) -> Bool {
        if isEmpty { return false }
        if action == .allow, !unusable.isEmpty { return false }
        return holds(.destinationIPs, destinationIPs, notDestinationIPs) { $0.contains(peer.connection.destination) }
            && holds(.sourceIPs, sourceIPs, notSourceIPs) { $0.contains(peer.connection.source) }
            && holds(.destinationPorts, destinationPorts, notDestinationPorts) { $0 == peer.connection.port }
            && holds(.serviceAccounts, serviceAccounts, notServiceAccounts) { match in
                peer.connection.identity.map { match.matches($0) } ?? false
            }
            && holds(.principals, principals, notPrincipals) { match in
                peer.principal.map { match.matches($0) } ?? false
            }
            && holds(.namespaces, namespaces, notNamespaces) { $0.matches(peer.namespace) }
    }

    /// Whether one kind holds: a hit in the positive list or no list, and no hit in the negative one. A kind that could
    /// not be understood is only asked for in deny policies, where it holds.
    private func holds<Element>(
        _ field: AuthorizationFields, _ positive: [Element], _ negative: [Element], _ hit: (Element) -> Bool
    ) -> Bool {
        if unusable.contains(field) { return true }
        return (positive.isEmpty || positive.contains(where: hit)) && !negative.contains(where: hit)
    }
}
