import MeshModel

/// Finds the clusters that destinations mean (I 2.1).
struct DestinationResolver {
    private let sources: RoutingSources
    private let rules: DestinationRuleIndex

    init(_ sources: RoutingSources, _ rules: DestinationRuleIndex) {
        self.sources = sources
        self.rules = rules
    }

    /// The place of a destination in a resource of `namespace`.
    func place(_ destination: Destination, in namespace: String) -> RouteDestination.Place {
        let host = HostName(destination.host, in: namespace, domainSuffix: sources.mesh.domainSuffix).text
        guard let service = service(host, namespace) else {
            return .fixed(.missing("there is no service \(host) that namespace \(namespace) sees"))
        }
        if let port = destination.port { return .fixed(target(service, port, destination.subset)) }
        if service.ports.count == 1, let only = service.ports.first {
            return .fixed(target(service, only.port, destination.subset))
        }
        var targets: [UInt16: RouteTarget] = [:]
        for port in service.ports { targets[port.port] = target(service, port.port, destination.subset) }
        return .byPort(targets, host: host)
    }

    private func service(_ host: String, _ namespace: String) -> Service? {
        sources.snapshot.service(hostname: host, from: namespace)
            ?? sources.snapshot.service(hostname: host, from: sources.namespace)
    }

    private func target(_ service: Service, _ port: UInt16, _ subset: String?) -> RouteTarget {
        guard service.ports.contains(where: { $0.port == port }) else {
            let ports = service.ports.map { "\($0.port)" }.joined(separator: ", ")
            return .missing("\(service.hostname) has no port \(port), only \(ports)")
        }
        if let subset, !subset.isEmpty {
            guard rules.rule(for: service.key)?.subsets.contains(where: { $0.name == subset }) == true else {
                return .missing("no DestinationRule defines the subset \(subset) of \(service.hostname)")
            }
            return .cluster(ClusterKey(service: service.key, port: port, subset: subset))
        }
        return .cluster(ClusterKey(service: service.key, port: port))
    }
}
