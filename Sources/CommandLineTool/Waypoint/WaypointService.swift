import ArgumentParser
import MeshModel

/// The Service that makes a waypoint, as `apply` and `generate` write it. Pure.
struct WaypointService: Equatable, Sendable {
    /// What traffic a waypoint takes (I 1.0).
    enum Traffic: String, ExpressibleByArgument, CaseIterable, Sendable {
        case service
        case workload
        case all
        case none
    }

    /// Istio's name of a waypoint that is given none.
    static let defaultName = "waypoint"
    /// The label that says what it takes; a Service with it is a waypoint.
    static let trafficLabel = "istio.io/waypoint-for"
    /// The label of its workloads, with its name.
    static let gatewayLabel = "gateway.networking.k8s.io/gateway-name"
    /// The label of a namespace, service or workload that uses one.
    static let useLabel = "istio.io/use-waypoint"
    /// The label that says which namespace that one is in, where it is another.
    static let useNamespaceLabel = "istio.io/use-waypoint-namespace"
    /// What its port is called, here and in the entries of its workloads.
    private static let portName = "hbone"

    let namespace: String
    let name: String
    let traffic: Traffic

    /// The object. Its workloads report themselves with the gateway's name as a label, and with their port by name, since each
    /// host chooses a free one.
    var document: JSONValue {
        JSONValue(members: [
            ("apiVersion", .string("v1")), ("kind", .string("Service")),
            (
                "metadata",
                JSONValue(members: [
                    ("name", .string(name)), ("namespace", .string(namespace)),
                    (
                        "labels",
                        JSONValue(members: [
                            (Self.trafficLabel, .string(traffic.rawValue)), (Self.gatewayLabel, .string(name)),
                        ])
                    ),
                ])
            ),
            (
                "spec",
                JSONValue(members: [
                    ("selector", JSONValue(members: [(Self.gatewayLabel, .string(name))])),
                    (
                        "ports",
                        .array([
                            JSONValue(members: [
                                ("name", .string(Self.portName)), ("port", .int(Int64(Ports.hbone))),
                                ("targetPort", .string(Self.portName)),
                            ])
                        ])
                    ),
                ])
            ),
        ])
    }

    /// Which object it is.
    var reference: ResourceReference { ResourceReference(kind: .service, namespace: namespace, name: name) }

    /// What systemd calls it on a host.
    var unit: String { Self.unit(namespace: namespace, name: name) }

    /// What systemd calls a waypoint on a host.
    static func unit(namespace: String, name: String) -> String { "ambit-waypoint@\(name).\(namespace).service" }
}
