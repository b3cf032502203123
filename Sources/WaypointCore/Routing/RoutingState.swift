package import MeshModel
import MeshPolicy

/// What a waypoint knows at one moment: the mesh, and what of it acts on requests, compiled. Immutable; any thread.
package final class RoutingState: Sendable {
    package let snapshot: MeshSnapshot
    let routes: RouteTable
    let clusters: ClusterCatalog
    /// TLS of the requests' own to endpoints.
    let endpointTLS: EndpointTLS
    /// The record of this process; nil while it is no endpoint of the waypoint's service: then it forwards nothing.
    let own: Workload?
    /// What in the sources has another effect than its author may expect, for the log.
    package let notes: [String]

    init(
        snapshot: MeshSnapshot, routes: RouteTable, clusters: ClusterCatalog, endpointTLS: EndpointTLS, own: Workload?,
        notes: [String]
    ) {
        self.snapshot = snapshot
        self.routes = routes
        self.clusters = clusters
        self.endpointTLS = endpointTLS
        self.own = own
        self.notes = notes
    }
}
