package import MeshModel

/// What routes and clusters of one proxy are compiled of.
package struct RoutingSources: Sendable {
    /// Services, endpoints, workloads.
    package var snapshot: MeshSnapshot
    /// Every VirtualService that the proxy may see, in any order.
    package var virtualServices: [Configured<VirtualServiceSpec>] = []
    /// Every DestinationRule that the proxy may see, in any order.
    package var destinationRules: [Configured<DestinationRuleSpec>] = []
    /// The proxy's own namespace.
    package var namespace: String
    /// Labels of the proxy's own workload, for DestinationRules that select the clients which use them.
    package var labels: [String: String] = [:]
    /// Labels of the proxy's own record that say where it runs, its node, network and cluster among them, for priorities by labels.
    package var place: [String: String] = [:]
    /// Where the proxy runs; nil where it is not known, then all localities are alike.
    package var locality: Locality?
    /// The proxy's network: endpoints of others cannot be reached from it. Nil where all can.
    package var network: String?
    /// Mesh-wide settings.
    package var mesh = MeshConfig()

    /// The sources of a proxy in `namespace`.
    package init(snapshot: MeshSnapshot, namespace: String) {
        self.snapshot = snapshot
        self.namespace = namespace
    }
}
