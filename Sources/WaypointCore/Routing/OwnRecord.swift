import MeshModel

/// Finds the record of this process: an endpoint of the waypoint's own service with its identity, of its node where that is said.
struct OwnRecord: Sendable {
    let service: ServiceName
    /// The service's short name.
    let name: String
    let identity: SPIFFEIdentity
    private let node: String?

    init(_ configuration: WaypointConfiguration) {
        identity = SPIFFEIdentity(
            trustDomain: configuration.trustDomain, namespace: configuration.namespace,
            serviceAccount: configuration.serviceAccount)
        name = configuration.name
        service = ServiceName(
            namespace: configuration.namespace,
            hostname: "\(configuration.name).\(configuration.namespace).svc.\(configuration.clusterDomain)")
        node = configuration.nodeName
    }

    func find(in snapshot: MeshSnapshot) -> Workload? {
        let own = snapshot.endpoints(of: service).map(\.workload).filter { $0.identity == identity }
        return own.first { $0.node == node } ?? own.first { $0.node.isEmpty }
    }
}
