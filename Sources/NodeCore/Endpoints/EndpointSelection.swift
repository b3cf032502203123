package import MeshModel

/// Chooses one endpoint of a service for one connection (Z 3.1).
///
/// Two passes over the endpoints, no allocation: the first finds the best rank and the capacity at that rank, the second
/// takes the endpoint at a random point of that capacity.
package struct EndpointSelection {
    /// What an endpoint is chosen for.
    package enum Purpose: Sendable {
        /// A connection to the service: the service must have the port.
        case standard
        /// A connection to the service as a waypoint: an endpoint with an application tunnel does without the port.
        case waypoint
    }

    private let service: Service
    private let endpoints: [Endpoint]
    private let source: Workload
    private let port: UInt16
    private let purpose: Purpose
    private let excluded: Set<String>
    private let network: String?

    /// The endpoints of `service` for a connection of `source` to `port`, without those of `excluded`. With `network`,
    /// only those on that network.
    package init(
        _ service: Service, in snapshot: MeshSnapshot, for source: Workload, port: UInt16,
        purpose: Purpose = .standard, excluding excluded: Set<String> = [], network: String? = nil
    ) {
        self.service = service
        self.endpoints = snapshot.endpoints(of: service.key)
        self.source = source
        self.port = port
        self.purpose = purpose
        self.excluded = excluded
        self.network = network
    }

    /// An endpoint, weighted by capacity; nil where none may be used.
    package func choose(random: inout some RandomNumberGenerator) -> EndpointChoice? {
        let serviceTarget = service.ports.target(of: port)
        if serviceTarget == nil, purpose == .standard { return nil }
        var bestRank = -1
        var capacity: UInt64 = 0
        for endpoint in endpoints {
            guard let rank = rank(endpoint, serviceTarget) else { continue }
            if rank > bestRank {
                bestRank = rank
                capacity = 0
            }
            if rank == bestRank { capacity += UInt64(endpoint.workload.capacity) }
        }
        guard capacity > 0 else { return nil }
        var point = UInt64.random(in: 0..<capacity, using: &random)
        for endpoint in endpoints where rank(endpoint, serviceTarget) == bestRank {
            let share = UInt64(endpoint.workload.capacity)
            if point < share, let target = target(of: endpoint, serviceTarget) {
                return EndpointChoice(workload: endpoint.workload, port: target)
            }
            point -= min(point, share)
        }
        return nil
    }

    /// How well an endpoint fits; nil where it may not be used. Endpoints without capacity are not considered, lest they
    /// raise the rank of the others above what is there.
    private func rank(_ endpoint: Endpoint, _ serviceTarget: UInt16?) -> Int? {
        let workload = endpoint.workload
        guard workload.capacity > 0, service.accepts(workload), !excluded.contains(workload.uid),
            network == nil || workload.network == network, isReachable(workload),
            target(of: endpoint, serviceTarget) != nil
        else { return nil }
        let preferences = service.loadBalancing.routingPreferences
        switch service.loadBalancing.mode {
        case .standard, .passthrough:
            return 0
        case .failover:
            return matchedPreferences(workload, preferences)
        case .strict:
            return preferences.allSatisfy { matches(workload, $0) } ? 0 : nil
        }
    }

    private func isReachable(_ workload: Workload) -> Bool {
        if workload.addresses.contains(where: { service.ipFamilies.accepts(isIPv4: $0.isIPv4) }) { return true }
        return !workload.hostname.isEmpty || (workload.network != source.network && workload.networkGateway != nil)
    }

    private func target(of endpoint: Endpoint, _ serviceTarget: UInt16?) -> UInt16? {
        if let own = endpoint.ports.target(of: port), own != 0 { return own }
        if let serviceTarget, serviceTarget != 0 { return serviceTarget }
        // An application tunnel knows the real destination from its preamble, so the addressed port will do.
        return endpoint.workload.applicationTunnel?.port != nil ? port : nil
    }

    /// The length of the run of preferences that match. A leading NETWORK is wanted, not required: a mismatch is passed
    /// over, and a match outweighs all the others.
    private func matchedPreferences(_ workload: Workload, _ preferences: [LoadBalancing.Scope]) -> Int {
        var rank = 0
        for (position, scope) in preferences.enumerated() {
            let matches = matches(workload, scope)
            if position == 0, scope == .network {
                if matches { rank += max(1, preferences.count - 1) }
                continue
            }
            guard matches else { break }
            rank += 1
        }
        return rank
    }

    private func matches(_ workload: Workload, _ scope: LoadBalancing.Scope) -> Bool {
        switch scope {
        case .region: workload.locality.region == source.locality.region
        case .zone: workload.locality.zone == source.locality.zone
        case .subzone: workload.locality.subzone == source.locality.subzone
        case .node: workload.node == source.node
        case .cluster: workload.clusterID == source.clusterID
        case .network: workload.network == source.network
        }
    }
}
