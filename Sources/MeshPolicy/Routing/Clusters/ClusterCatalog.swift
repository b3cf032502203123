import MeshModel

/// Makes clusters of a snapshot: make a new one for each snapshot, and ask it for the clusters that are in use.
package struct ClusterCatalog: Sendable {
    private let sources: RoutingSources
    private let rules: DestinationRuleIndex

    /// The catalogue of the sources.
    package init(_ sources: RoutingSources) {
        self.sources = sources
        rules = DestinationRuleIndex(sources)
    }

    /// The cluster of a key; nil where service, port or subset are not there (any more): 503, flag NC.
    package func cluster(_ key: ClusterKey) -> Cluster? {
        guard let service = sources.snapshot.service(key.service),
            let port = service.ports.first(where: { $0.port == key.port })
        else { return nil }
        let rule = rules.rule(for: key.service)
        var selector: [String: String] = [:]
        if let subset = key.subset {
            guard let found = rule?.subsets.first(where: { $0.name == subset }) else { return nil }
            selector = found.labels
        }
        let policy = ClusterPolicy(rule, subset: key.subset, port: key.port)
        var members: [LocalityPlan.Member] = []
        // One without capacity wants nothing: it is being drained.
        for endpoint in sources.snapshot.endpoints(of: key.service)
        where service.accepts(endpoint.workload) && endpoint.workload.capacity > 0 {
            let target = endpoint.ports.target(of: key.port) ?? port.targetPort
            guard target != 0, sources.network.map({ $0 == endpoint.workload.network }) ?? true else { continue }
            let labels = EndpointLabels.labels(of: endpoint.workload)
            guard selector.allSatisfy({ labels[$0.key] == $0.value }) else { continue }
            members.append(LocalityPlan.Member(workload: endpoint.workload, port: target, labels: labels))
        }
        let plan = LocalityPlan(members, policy: policy, service: service, sources: sources)
        return Cluster(
            key: key, service: service, policy: policy, endpoints: plan.endpoints, shares: plan.shares,
            origins: rule?.origins ?? [])
    }
}
