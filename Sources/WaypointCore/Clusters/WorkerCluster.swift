import HTTPWire
import MeshModel
import MeshPolicy
import NodeCore

/// One cluster as one worker uses it: whom it chooses, what its limits count, and its connections. It stays when its
/// configuration changes, and endpoints that stay keep their connections. Confined to its loop.
final class WorkerCluster {
    /// It holds its clusters until it has drained.
    let worker: WaypointWorker
    /// The cluster's name in logs, as Istio's waypoints or gateways have it.
    let name: String
    /// The same for connections whose bytes are carried as they are.
    var carriedName: String {
        worker.configuration.role == .waypoint ? cluster.key.waypointName(carried: true) : cluster.key.description
    }
    // The properties marked unchecked are changed by nothing that leads back to them (docs/design/bench.md).
    /// As it is configured.
    @exclusivity(unchecked) private(set) var cluster: Cluster
    /// What is chosen from: the same with an endpoint for each address of a name.
    @exclusivity(unchecked) private var upstream: Upstream
    /// The names of its endpoints, which are resolved again and again while it is there.
    private var watches: [NameWatch] = []
    /// By place among the upstream's members.
    @exclusivity(unchecked) private var pools: [EndpointPools] = []
    /// The routing state that it is of.
    private(set) var generation: UInt64
    /// Identities that the service's endpoints may have besides their own.
    private(set) var identities: [String] = []

    init(_ cluster: Cluster, worker: WaypointWorker) {
        self.worker = worker
        name = worker.configuration.role == .waypoint ? cluster.key.waypointName() : cluster.key.description
        generation = worker.generation
        self.cluster = cluster
        upstream = Upstream(cluster, now: worker.now)
        watch()
        if !watches.isEmpty { upstream = Upstream(resolved, now: worker.now) }
        place()
    }

    var policy: ClusterPolicy { cluster.policy }

    /// Takes the cluster as it is now.
    func replace(_ cluster: Cluster) {
        generation = worker.generation
        guard !cluster.isSame(as: self.cluster) else { return }
        let hasOtherLimits = cluster.policy.limits != policy.limits
        self.cluster = cluster
        watch()
        upstream.replace(resolved, now: worker.now)
        place()
        if hasOtherLimits { for pool in pools { pool.renew() } }
    }

    private func watch() {
        let names = cluster.names
        var old: [String: NameWatch] = [:]
        for watch in watches { old[watch.name] = watch }
        watches = names.map { name in
            old.removeValue(forKey: name) ?? worker.names.watch(name) { [weak self] in self?.namesChanged() }
        }
        for gone in old.values { gone.end() }
    }

    private var resolved: Cluster {
        cluster.resolved { worker.names.current($0).map(IPAddress.init) }
    }

    /// Addresses that a name does not have any more get nothing new; what is under way there ends by itself.
    private func namesChanged() {
        let resolved = resolved
        guard !resolved.isSame(as: upstream.cluster) else { return }
        upstream.replace(resolved, now: worker.now)
        place()
    }

    private func place() {
        identities = cluster.service.subjectAltNames.filter { SPIFFEIdentity(uri: $0) != nil }
        var old: [ClusterEndpoint.ID: EndpointPools] = [:]
        for pool in pools { old[pool.endpoint.id] = pool }
        pools = upstream.members.map { member in
            let pool = old.removeValue(forKey: member.endpoint.id) ?? EndpointPools(self, member.endpoint)
            pool.endpoint = member.endpoint
            return pool
        }
        for gone in old.values { gone.retire() }
    }

    // MARK: choice

    /// The version of HTTP that is spoken with endpoints when the client speaks `client`: what the port is declared for, as Istio
    /// does, unless the policy says otherwise.
    func version(for client: HTTPVersion) -> HTTPVersion {
        if policy.limits.usesClientProtocol { return client }
        switch cluster.applicationProtocol {
        case .http2, .grpc: return .http2
        case .http11: return policy.limits.upgradesToHTTP2 ? .http2 : .http1
        case .unknown: return policy.limits.upgradesToHTTP2 ? .http2 : client
        }
    }

    /// An endpoint for a request or connection, which counts as under way there until `ended`; nil where there is none.
    func choose(_ request: EndpointRequest) -> (pools: EndpointPools, use: Upstream.Use)? {
        let now = worker.now
        if let due = upstream.nextLookTime, now >= due { upstream.look(now: now) }
        switch upstream.choose(request, now: now, &worker.random) {
        case .endpoint(let place):
            // One that is closed has none any more.
            guard pools.indices.contains(place) else { return nil }
            return (pools[place], upstream.began(place, now: now))
        case .originalDestination(let address):
            let endpoint = ClusterEndpoint.addressed(address, port: cluster.key.port, of: cluster.service)
            return (EndpointPools(self, endpoint), upstream.beganElsewhere())
        case .none: return nil
        }
    }

    func ended(_ use: Upstream.Use, at endpoint: ClusterEndpoint) { upstream.ended(use, at: endpoint.id) }

    /// Counts how a try ended, where somebody wants to know.
    func count(_ outcome: TryOutcome, at endpoint: ClusterEndpoint) {
        guard policy.outlierDetection != nil, upstream.count(outcome, at: endpoint.id, now: worker.now) else { return }
        worker.warn("the endpoint \(endpoint.id) of \(name) is left out for a while: it failed too often")
    }

    /// The pool of an endpoint for a request, which counts as under way there until `ended`; nil where there is none.
    func choose(_ request: EndpointRequest, _ version: HTTPVersion) -> (pool: EndpointPool, use: Upstream.Use)? {
        guard let (pools, use) = choose(request) else { return nil }
        guard policy.proxyProtocol != nil || request.destination != nil else { return (pools.pool(version), use) }
        // Each connection is of one client, or to an address of a client's choice, of which there are too many to keep any: none is
        // kept for another's request.
        let alone = EndpointPool(self, pools.endpoint, version)
        alone.retire()
        return (alone, use)
    }

    // MARK: limits

    func admit(_ resource: CircuitBreaker.Resource) -> Bool { upstream.breaker.admit(resource, policy.limits) }

    func admitRetry() -> Bool { upstream.admitRetry(now: worker.now) }

    func release(_ resource: CircuitBreaker.Resource) { upstream.breaker.release(resource) }

    // MARK: connections

    /// Whether there is no connection and nobody waits for one.
    var isUnused: Bool { pools.allSatisfy(\.isEmpty) && upstream.breaker.count(.connection) == 0 }

    /// Takes no more: idle connections end now, others with their requests.
    func close() {
        for watch in watches { watch.end() }
        watches = []
        for pool in pools { pool.retire() }
        pools = []
    }
}
