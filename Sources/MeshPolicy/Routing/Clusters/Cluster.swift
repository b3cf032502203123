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
    }

    /// What is spoken on the port, as far as it is declared.
    package var applicationProtocol: ApplicationProtocol {
        service.ports.first { $0.port == key.port }?.applicationProtocol ?? .unknown
    }
}
