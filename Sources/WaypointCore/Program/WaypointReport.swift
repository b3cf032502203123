package import MeshAPI
package import MeshModel
import SwiftProtobuf

/// What a waypoint or gateway tells the control plane of itself, so that it becomes an endpoint of its Service. Pure.
package struct WaypointReport: Sendable {
    /// The Service that it is the waypoint of.
    package var namespace: String
    /// The same
    package var name: String
    /// Whose certificate it presents.
    package var serviceAccount: String
    /// The node, NODE_NAME.
    package var node: String
    /// NETWORK
    package var network: String
    /// Where other hosts reach this one.
    package var addresses: [IPAddress]
    /// Where it takes tunnels.
    package var port: UInt16
    /// Whether it can serve.
    package var isHealthy: Bool
    /// What it is.
    package var role: ProxyRole
    /// Labels that its Service selects it by, besides those that every one has.
    package var labels: [String: String]
    /// What is wrong with its servers, for a person; it serves the others.
    package var problems: [String]
    /// Whether it leaves the node: then it is an endpoint no longer.
    package var isLeaving: Bool

    /// A report of the waypoint that `configuration` describes.
    package init(
        _ configuration: WaypointConfiguration, node: String, addresses: [IPAddress], port: UInt16, isHealthy: Bool,
        isLeaving: Bool, labels: [String: String] = [:], problems: [String] = []
    ) {
        role = configuration.role
        self.labels = labels
        self.problems = problems
        namespace = configuration.namespace
        name = configuration.name
        serviceAccount = configuration.serviceAccount
        network = configuration.network
        self.node = node
        self.addresses = addresses
        self.port = port
        self.isHealthy = isHealthy
        self.isLeaving = isLeaving
    }

    /// The method that takes it.
    package static let method = "/ambit.node.v1.NodeService/ReportWaypoint"
    /// The name of the port in the Service and in the entry.
    package static let portName = "hbone"

    /// The message. The labels are those that Istio gives the pods of a waypoint (I 1.0).
    package var message: Ambit_Node_V1_ReportWaypointRequest {
        .with {
            $0.node = node
            $0.waypoint = "\(namespace)/\(name)"
            guard !isLeaving else { return }
            $0.workload = .with {
                // A waypoint's name has no dot, so no two waypoints and nodes make the same name.
                $0.name = "\(name).\(node)"
                $0.namespace = namespace
                $0.serviceAccount = serviceAccount
                $0.addresses = addresses.map(\.description)
                // Labels of the control plane's own are not a node's to report.
                $0.labels = labels.filter { !$0.key.hasPrefix("ambit.io/") }.merging([
                    GatewayMarks.gatewayName: name,
                    "gateway.networking.k8s.io/gateway-class-name": role.gatewayClass,
                    "service.istio.io/canonical-name": name,
                ]) { _, own in own }
                $0.ports = [Self.portName: UInt32(port)]
                $0.network = network
                $0.healthy = isHealthy
                $0.problems = ReportedProblems(problems).messages
                // The host's ztunnel, other waypoints and units have the address, too.
                $0.hostNetwork = true
            }
        }
    }
}
