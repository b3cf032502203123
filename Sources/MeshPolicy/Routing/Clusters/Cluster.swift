package import MeshModel

/// A cluster at one moment: its endpoints and how they are used. Immutable; what changes with each request is `Upstream`'s.
package final class Cluster: Sendable {
    package let key: ClusterKey
    package let service: Service
    package let policy: ClusterPolicy
    /// Those that are ready, in the snapshot's order.
    package let endpoints: [ClusterEndpoint]
    /// By priority and group, the group's share where shares are written; nil where it is that of its endpoints.
    let shares: [[UInt32?]]
    /// What the policy comes from, for a person; empty for defaults.
    package let origins: [String]
    /// What is spoken on the port, as far as it is declared.
    package let applicationProtocol: ApplicationProtocol

    init(
        key: ClusterKey, service: Service, policy: ClusterPolicy, endpoints: [ClusterEndpoint], shares: [[UInt32?]],
        origins: [String]
    ) {
        self.key = key
        self.service = service
        self.policy = policy
        self.endpoints = endpoints
        self.shares = shares
        self.origins = origins
        applicationProtocol = service.ports.first { $0.port == key.port }?.applicationProtocol ?? .unknown
    }

    /// A cluster of one workload, which was asked for by its own address: no service and no rule is about it.
    package static func direct(to workload: Workload, port: UInt16) -> Cluster {
        let service = Service(
            name: workload.name, namespace: workload.namespace, hostname: workload.uid,
            ports: [ServicePort(port: port, targetPort: port)])
        let endpoint = ClusterEndpoint(workload: workload, port: port, labels: [:], priority: 0, group: 0)
        return Cluster(
            key: ClusterKey(service: service.key, port: port), service: service,
            policy: ClusterPolicy(nil, subset: nil, port: port), endpoints: [endpoint], shares: [[nil]], origins: [])
    }

    /// Whether requests are treated the same by both: then what a worker knows of one holds for the other as it is.
    package func isSame(as other: Cluster) -> Bool {
        key == other.key && policy == other.policy && shares == other.shares && service === other.service
            && endpoints.count == other.endpoints.count
            && zip(endpoints, other.endpoints).allSatisfy { $0.isSame(as: $1) }
    }
}
