import MeshModel

/// Sorts a cluster's endpoints by how near they are to the proxy (I 2.16). Pure.
struct LocalityPlan {
    /// An endpoint before it has a place.
    struct Member {
        let workload: Workload
        let port: UInt16
        let labels: [String: String]
    }

    /// The endpoints, each with its priority and group. Endpoints that get nothing are not among them.
    let endpoints: [ClusterEndpoint]
    /// By priority and group, the share where it is written.
    let shares: [[UInt32?]]

    init(_ members: [Member], policy: ClusterPolicy, service: Service, sources: RoutingSources) {
        let mode = service.loadBalancing.mode
        var proxyLabels = sources.labels.merging(sources.place) { _, place in place }
        if let locality = sources.locality {
            proxyLabels.merge(EndpointLabels.locality(locality)) { _, place in place }
        }
        if let locality = sources.locality, let rule = Self.distribution(policy, locality) {
            (endpoints, shares) = Self.distribute(members, rule)
            return
        }
        let priorities: [Int]
        if let labels = policy.locality?.failoverPriority, !labels.isEmpty, Self.isActive(policy) {
            priorities = members.map { Self.mismatches(labels, $0.labels, proxyLabels) }
        } else if policy.locality == nil, mode == .failover || mode == .strict {
            // The service's own wish, which a DestinationRule's comes before.
            let labels = service.loadBalancing.routingPreferences.map(Self.label)
            let ranks = members.map { Self.mismatches(labels, $0.labels, proxyLabels) }
            if mode == .strict {
                let near = zip(members, ranks).filter { $0.1 == 0 }.map(\.0)
                (endpoints, shares) = Self.place(near, near.map { _ in 0 })
                return
            }
            priorities = ranks
        } else if let locality = sources.locality, !locality.isEmpty, Self.isActive(policy) {
            let target = policy.locality?.failover.first { $0.from == locality.region }?.to
            priorities = members.map { Self.distance($0.workload.locality, locality, failover: target) }
        } else {
            priorities = members.map { _ in 0 }
        }
        (endpoints, shares) = Self.place(members, priorities)
    }

    /// Localities count only where failures are noticed, and unless they are switched off.
    private static func isActive(_ policy: ClusterPolicy) -> Bool {
        policy.outlierDetection != nil && policy.locality?.isEnabled != false
    }

    /// Gives priorities without gaps.
    private static func place(_ members: [Member], _ priorities: [Int]) -> ([ClusterEndpoint], [[UInt32?]]) {
        let used = Set(priorities).sorted()
        let rank = Dictionary(uniqueKeysWithValues: used.enumerated().map { ($1, $0) })
        let endpoints = zip(members, priorities).map { member, priority in
            ClusterEndpoint(
                workload: member.workload, port: member.port, labels: member.labels, priority: rank[priority] ?? 0,
                group: 0)
        }
        return (endpoints, used.map { _ in [nil] })
    }

    /// The first rule whose `from` the proxy's locality matches.
    private static func distribution(
        _ policy: ClusterPolicy, _ locality: Locality
    ) -> DestinationRuleSpec.LocalityLoadBalancer.Distribution? {
        guard let setting = policy.locality, setting.isEnabled else { return nil }
        return setting.distribute.first { matches($0.from, locality) }
    }

    /// Shares localities as written: each pattern's share among the endpoints that match it; the others get none.
    private static func distribute(
        _ members: [Member], _ rule: DestinationRuleSpec.LocalityLoadBalancer.Distribution
    ) -> ([ClusterEndpoint], [[UInt32?]]) {
        // The narrower pattern first, so that an endpoint that two match counts where it is meant to.
        let patterns = rule.to.filter { $0.value > 0 }.sorted {
            ($1.key.utf8.count, $0.key) < ($0.key.utf8.count, $1.key)
        }
        var endpoints: [ClusterEndpoint] = []
        for member in members {
            guard let group = patterns.firstIndex(where: { matches($0.key, member.workload.locality) }) else {
                continue
            }
            endpoints.append(
                ClusterEndpoint(
                    workload: member.workload, port: member.port, labels: member.labels, priority: 0, group: group))
        }
        return (endpoints, [patterns.map { UInt32(clamping: $0.value) }])
    }

    /// Whether `region/zone/subzone` with `*` for the rest includes a locality.
    static func matches(_ pattern: String, _ locality: Locality) -> Bool {
        let parts = [locality.region, locality.zone, locality.subzone]
        for (index, part) in pattern.split(separator: "/", omittingEmptySubsequences: false).enumerated() {
            if part == "*" { return true }
            guard index < parts.count, parts[index] == part else { return false }
        }
        return true
    }

    /// How many labels from the first that differs on are left: 0 where all are alike.
    private static func mismatches(
        _ labels: [String], _ endpoint: [String: String], _ proxy: [String: String]
    ) -> Int {
        for (index, label) in labels.enumerated() {
            let parts = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let wanted = parts.count > 1 ? String(parts[1]) : proxy[name] ?? ""
            if (endpoint[name] ?? "") != wanted { return labels.count - index }
        }
        return 0
    }

    /// 0 the same subzone, 1 zone, 2 region, 3 elsewhere or the region that takes over, 4 elsewhere besides that.
    private static func distance(_ endpoint: Locality, _ proxy: Locality, failover: String?) -> Int {
        guard endpoint.region == proxy.region else {
            guard let failover else { return 3 }
            return endpoint.region == failover ? 3 : 4
        }
        guard endpoint.zone == proxy.zone else { return 2 }
        return endpoint.subzone == proxy.subzone ? 0 : 1
    }

    private static func label(_ scope: LoadBalancing.Scope) -> String {
        switch scope {
        case .region: EndpointLabels.region
        case .zone: EndpointLabels.zone
        case .subzone: EndpointLabels.subzone
        case .node: EndpointLabels.hostname
        case .cluster: EndpointLabels.cluster
        case .network: EndpointLabels.network
        }
    }
}
