import MeshModel

/// The Service that makes a gateway, as `apply` writes it. Pure.
struct GatewayService: Equatable, Sendable {
    /// A port of the mesh's own way in.
    struct Port: Equatable, Sendable {
        let name: String
        let number: Int
    }

    /// What a gateway has where nobody says more.
    static let defaultPorts = [Port(name: "http", number: 80), Port(name: "https", number: 443)]
    private static let tunnelPort = Port(name: "hbone", number: Int(Ports.hbone))

    let namespace: String
    let name: String
    /// What Gateways select it by.
    let labels: [(name: String, value: String)]
    let ports: [Port]

    /// A gateway; without labels it has those that Istio's charts give one of that name.
    init(namespace: String, name: String, labels: [(name: String, value: String)], ports: [Port]) {
        self.namespace = namespace
        self.name = name
        self.ports = ports.isEmpty ? Self.defaultPorts : ports
        let short = name.hasPrefix("istio-") ? String(name.dropFirst(6)) : name
        self.labels = labels.isEmpty ? [("app", name), ("istio", short)] : labels
    }

    static func == (left: GatewayService, right: GatewayService) -> Bool { left.document == right.document }

    /// The object. Its workloads report themselves with what it selects as their labels, and with their tunnel port by name.
    var document: JSONValue {
        let own = labels.map { ($0.name, JSONValue.string($0.value)) }
        let ports = (self.ports + [Self.tunnelPort]).map { port in
            let isTunnel = port == Self.tunnelPort
            return JSONValue(members: [
                ("name", .string(port.name)), ("port", .int(Int64(port.number))),
                ("targetPort", isTunnel ? .string(port.name) : .int(Int64(port.number))),
            ])
        }
        return JSONValue(members: [
            ("apiVersion", .string("v1")), ("kind", .string("Service")),
            (
                "metadata",
                JSONValue(members: [
                    ("name", .string(name)), ("namespace", .string(namespace)),
                    ("labels", JSONValue(members: own + [(GatewayMarks.service, .string("true"))])),
                ])
            ),
            (
                "spec",
                JSONValue(members: [
                    ("selector", JSONValue(members: own + [(GatewayMarks.gatewayName, .string(name))])),
                    ("ports", .array(ports)),
                ])
            ),
        ])
    }

    /// Which object it is.
    var reference: ResourceReference { ResourceReference(kind: .service, namespace: namespace, name: name) }

    /// What systemd calls a gateway on a host.
    static func unit(namespace: String, name: String) -> String { "ambit-gateway@\(name).\(namespace).service" }
}
