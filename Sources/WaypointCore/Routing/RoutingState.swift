package import MeshModel
import MeshPolicy

/// What a waypoint or gateway knows at one moment: the mesh, and what of it acts on requests, compiled. Immutable; any thread.
package final class RoutingState: Sendable {
    package let snapshot: MeshSnapshot
    let routes: RouteTable
    let clusters: ClusterCatalog
    /// TLS of the requests' own to endpoints.
    let endpointTLS: EndpointTLS
    /// What a gateway serves; nil at a waypoint, and at a gateway whose Service is not there.
    let gateway: GatewayState?
    /// The record of this process; nil while it is no endpoint of the waypoint's service: then it forwards nothing.
    let own: Workload?
    /// Whether all of it has come: this process is an endpoint, and its Service came along with what acts on requests.
    let isWhole: Bool
    /// What in the sources has another effect than its author may expect, for the log.
    package let notes: [String]

    init(
        snapshot: MeshSnapshot, routes: RouteTable, clusters: ClusterCatalog, endpointTLS: EndpointTLS,
        gateway: GatewayState?, own: Workload?, isWhole: Bool, notes: [String]
    ) {
        self.isWhole = isWhole
        self.gateway = gateway
        self.snapshot = snapshot
        self.routes = routes
        self.clusters = clusters
        self.endpointTLS = endpointTLS
        self.own = own
        self.notes = notes
    }

    /// The port of the gateway of `service` that a CONNECT is for; nil where it is for another service, which has this process for its
    /// waypoint.
    func port(for target: WaypointTarget, of service: ServiceName) throws(WaypointTarget.Refusal) -> GatewayPort? {
        guard let gateway else { return nil }
        let number: UInt16
        if target.service?.key == service {
            let targets = own?.services[service] ?? []
            number = targets.first { $0.port == target.port && $0.targetPort != 0 }?.targetPort ?? target.port
        } else if target.workload?.services[service] != nil {
            number = target.port
        } else {
            return nil
        }
        guard let port = gateway.port(numbered: number) else {
            throw WaypointTarget.Refusal(reason: "no Gateway that selects this one opens the port \(number)")
        }
        return port
    }
}
