package import MeshModel

/// How connections to a cluster's endpoints are made and shared: a DestinationRule's blocks for one subset and port, with
/// defaults filled in (I 2.14).
package struct ClusterPolicy: Sendable, Hashable {
    /// How an endpoint is chosen.
    package enum Balancing: Sendable, Hashable {
        case leastRequest
        case roundRobin
        case random
        /// The address that the client connected to.
        case passthrough
        case ringHash(HashKey, minimumSize: Int)
        case maglev(HashKey, tableSize: Int)
    }

    package let balancing: Balancing
    /// Nil where new endpoints get their share at once.
    package let warmup: DestinationRuleSpec.Warmup?
    package let limits: ClusterLimits
    /// Nil where endpoints are never left out for errors.
    package let outlierDetection: OutlierPolicy?
    /// TLS of the request's own; nil for none.
    package let tls: DestinationRuleSpec.ClientTLS?
    package let proxyProtocol: DestinationRuleSpec.ProxyProtocol?
    package let tunnel: DestinationRuleSpec.Tunnel?
    /// Nil where `limits.retries` counts.
    package let retryBudget: DestinationRuleSpec.RetryBudget?
    let locality: LocalitySetting?

    /// The policy of a rule for one subset and port; without a rule, the defaults.
    init(_ rule: DestinationRuleIndex.Rule?, subset: String?, port: UInt16) {
        var merged = Blocks()
        merged.apply(rule?.trafficPolicy, port: port)
        merged.apply(rule?.subsets.first { $0.name == subset }?.trafficPolicy, port: port)
        let balancer = merged.loadBalancer
        balancing = Self.balancing(balancer?.algorithm)
        warmup = balancer?.warmup.flatMap { $0.duration > .zero ? $0 : nil }
        limits = ClusterLimits(merged.connectionPool)
        outlierDetection = merged.outlierDetection.map(OutlierPolicy.init)
        // The mesh's own TLS is the tunnel's, which every connection inside has.
        switch merged.tls?.mode {
        case .simple?, .mutual?: tls = merged.tls
        case .disable?, .istioMutual?, nil: tls = nil
        }
        proxyProtocol = merged.proxyProtocol
        tunnel = merged.tunnel
        retryBudget = merged.retryBudget
        locality = LocalitySetting(balancer)
    }

    /// The blocks that hold, as rule and subset are laid over each other.
    private struct Blocks {
        var loadBalancer: DestinationRuleSpec.LoadBalancer?
        var connectionPool: DestinationRuleSpec.ConnectionPool?
        var outlierDetection: DestinationRuleSpec.OutlierDetection?
        var tls: DestinationRuleSpec.ClientTLS?
        var proxyProtocol: DestinationRuleSpec.ProxyProtocol?
        var tunnel: DestinationRuleSpec.Tunnel?
        var retryBudget: DestinationRuleSpec.RetryBudget?

        /// Lays a policy over what there is, block by block; the one of the port replaces four of them whole.
        mutating func apply(_ policy: DestinationRuleSpec.TrafficPolicy?, port: UInt16) {
            guard let policy else { return }
            loadBalancer = policy.loadBalancer ?? loadBalancer
            connectionPool = policy.connectionPool ?? connectionPool
            outlierDetection = policy.outlierDetection ?? outlierDetection
            tls = policy.tls ?? tls
            proxyProtocol = policy.proxyProtocol ?? proxyProtocol
            tunnel = policy.tunnel ?? tunnel
            retryBudget = policy.retryBudget ?? retryBudget
            guard let own = policy.portLevelSettings.first(where: { $0.port == port }) else { return }
            loadBalancer = own.loadBalancer
            connectionPool = own.connectionPool
            outlierDetection = own.outlierDetection
            tls = own.tls
        }
    }

    private static func balancing(_ algorithm: DestinationRuleSpec.LoadBalancer.Algorithm?) -> Balancing {
        switch algorithm {
        case nil, .simple(.unspecified)?, .simple(.leastRequest)?: return .leastRequest
        case .simple(.roundRobin)?: return .roundRobin
        case .simple(.random)?: return .random
        case .simple(.passthrough)?: return .passthrough
        case .consistentHash(let hash)?:
            guard let key = hash.key else { return .leastRequest }
            switch hash.algorithm {
            case .ringHash(let size):
                return .ringHash(HashKey(key), minimumSize: Int(clamping: min(size, UInt64(HashRing.maximumSize))))
            case .maglev(let size):
                let table = Int(clamping: size)
                return .maglev(
                    HashKey(key),
                    tableSize: MaglevTable.isUsableSize(table)
                        ? table : Int(DestinationRuleSpec.ConsistentHash.defaultTableSize))
            }
        }
    }
}
