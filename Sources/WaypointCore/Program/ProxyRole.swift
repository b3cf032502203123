/// What one process of `waypoint` is for the mesh.
package enum ProxyRole: Sendable, Equatable {
    /// Takes tunnels for the services and workloads that name it.
    case waypoint
    /// Also opens the ports of the Gateways that select its labels (docs/design/gateways.md).
    case gateway

    /// What it is called in logs and texts.
    package var word: String {
        switch self {
        case .waypoint: "waypoint"
        case .gateway: "gateway"
        }
    }

    /// The label `reporter` of its metrics (I 7.1): a gateway counts as the client of what it calls, as Istio's.
    var reporter: String {
        switch self {
        case .waypoint: "waypoint"
        case .gateway: "source"
        }
    }

    /// The label of its workloads that says what kind of gateway they are of (I 1.0).
    var gatewayClass: String {
        switch self {
        case .waypoint: "istio-waypoint"
        case .gateway: "istio"
        }
    }
}
