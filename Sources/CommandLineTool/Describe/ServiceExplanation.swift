import MeshModel

/// What a Service selects and who answers at its ports.
struct ServiceExplanation {
    private let object: JSONValue
    private let mesh: MeshView

    init(_ object: JSONValue, _ mesh: MeshView) {
        self.object = object
        self.mesh = mesh
    }

    /// Writes the facts and returns what is probably wrong.
    func write(into text: inout DescriptionText) -> [String] {
        let name = MeshView.name(object)
        let namespace = MeshView.namespace(object)
        let selector = object["spec"]?["selector"]
        let workloads = mesh.workloads(in: namespace, selectedBy: selector?.members ?? [])
        text.fact("Host name", mesh.hostName(name, namespace))
        text.fact("Addresses", addresses)
        text.fact("Selects", Explanation.pairs(selector))
        text.table("Ports", PortTable.table(ports.map { ($0, $0["port"]?.integer) }))
        text.table("Endpoints", PortTable.endpoints(workloads, ports: ports.map(Self.servicePort)))
        text.table("Policies", Explanation.policies(of: workloads, in: mesh))
        return warnings(selector, workloads)
    }

    private var ports: [JSONValue] { object["spec"]?["ports"]?.elements ?? [] }

    private var addresses: String? {
        let all = object["spec"]?["clusterIPs"]?.strings ?? []
        let given = all.isEmpty ? object["spec"]?["clusterIP"]?.asString.map { [$0] } ?? [] : all
        return given == ["None"] ? "none (headless: the name means the endpoints)" : given.joined(separator: ", ")
    }

    private static func servicePort(_ port: JSONValue) -> PortTable.Port {
        PortTable.Port(
            number: port["port"]?.integer ?? 0, target: port["targetPort"]?.integer ?? port["port"]?.integer ?? 0,
            targetName: port["targetPort"]?.asString)
    }

    private func warnings(_ selector: JSONValue?, _ workloads: [JSONValue]) -> [String] {
        let namespace = MeshView.namespace(object)
        guard let selector, !selector.members.isEmpty else {
            return ["it has no selector, so nothing serves it; add spec.selector"]
        }
        guard !workloads.isEmpty else {
            let labels = Explanation.pairs(selector).replacing(", ", with: ",")
            return [
                "it selects no workload of namespace \(namespace); enrol one: ambitctl enroll netns TARGET "
                    + "--namespace \(namespace) --service-account ACCOUNT --labels \(labels)"
            ]
        }
        return PortTable.unresolved(workloads, ports: ports.map(Self.servicePort))
    }
}
