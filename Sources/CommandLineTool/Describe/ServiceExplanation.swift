import MeshModel

/// What a Service or a ServiceEntry adds to the mesh: its names, and who answers at its ports.
struct ServiceExplanation {
    private let resource: Resource
    private let mesh: MeshView

    init(_ resource: Resource, _ mesh: MeshView) {
        self.resource = resource
        self.mesh = mesh
    }

    /// Writes the facts and returns what is probably wrong.
    func write(into text: inout DescriptionText) -> [String] {
        let services = mesh.services(of: resource)
        let endpoints = services.first.map { mesh.endpoints(of: $0) } ?? []
        text.fact("Host names", services.map(\.hostname).joined(separator: ", "))
        text.fact("Addresses", addresses)
        if resource.kind == .serviceEntry {
            text.fact("Location", resource.spec?["location"]?.asString ?? "MESH_EXTERNAL")
            text.fact("Resolution", resource.spec?["resolution"]?.asString ?? "NONE")
        }
        if let selector { text.fact("Selects", Explanation.pairs(selector)) }
        text.table("Ports", ports)
        text.table(
            "Endpoints",
            Table(
                ["WORKLOAD", "ADDRESS", "SERVICE ACCOUNT", "HEALTH", "PORTS"],
                rows: endpoints.map { endpoint in
                    let workload = endpoint.workload
                    return [
                        workload.name, Explanation.address(workload), workload.identity.serviceAccount,
                        workload.health.rawValue,
                        endpoint.ports.map { "\($0.port)->\($0.targetPort)" }.joined(separator: " "),
                    ]
                }))
        text.table("Policies", Explanation.policies(of: endpoints.map(\.workload), in: mesh))
        return warnings(endpoints)
    }

    private var selector: [String: String]? {
        switch resource.kind {
        case .serviceEntry: resource.spec?["workloadSelector"]?["labels"]?.stringMap
        default: resource.spec?["selector"]?.stringMap
        }
    }

    /// The addresses that the object names; automatic ones are ambitd's.
    private var addresses: String {
        let spec = resource.spec
        let given = (spec?["clusterIPs"]?.strings ?? []) + (spec?["addresses"]?.strings ?? [])
        let allocated = (resource.object["status"]?["addresses"]?.elements ?? []).compactMap { $0["value"]?.asString }
        let all = given.isEmpty ? [spec?["clusterIP"]?.asString].compactMap { $0 } + allocated : given
        if all == ["None"] { return "none (headless: its name means its endpoints)" }
        let known = all.filter { !$0.isEmpty }
        return known.isEmpty
            ? "automatic (ambitctl ztunnel-config services shows them)" : known.joined(separator: ", ")
    }

    /// NAME, PORT, PROTOCOL, TARGET as the object has them.
    private var ports: Table {
        Table(
            ["NAME", "PORT", "PROTOCOL", "TARGET"],
            rows: (resource.spec?["ports"]?.elements ?? []).map { port in
                let number = (port["port"] ?? port["number"])?.integer.map(String.init) ?? ""
                let target = port["targetPort"]?.asString ?? port["targetPort"]?.integer.map(String.init)
                return [port["name"]?.asString ?? "", number, port["protocol"]?.asString ?? "TCP", target ?? number]
            })
    }

    private func warnings(_ endpoints: [Endpoint]) -> [String] {
        let namespace = resource.metadata.namespace
        guard let selector, !selector.isEmpty else {
            return resource.kind == .service ? ["it has no selector, so nothing serves it; add spec.selector"] : []
        }
        guard !endpoints.isEmpty else {
            let labels = Explanation.pairs(selector).replacing(", ", with: ",")
            return [
                "it selects no workload of namespace \(namespace); enrol one: ambitctl enroll netns TARGET "
                    + "--namespace \(namespace) --service-account ACCOUNT --labels \(labels)"
            ]
        }
        return unserved(endpoints)
    }

    /// One line for each port that leads to a named port which some workloads do not have.
    private func unserved(_ endpoints: [Endpoint]) -> [String] {
        (resource.spec?["ports"]?.elements ?? []).compactMap { port in
            guard let name = port["targetPort"]?.asString, let number = port["port"]?.integer else { return nil }
            let without = endpoints.filter { !$0.ports.contains { Int($0.port) == number } }.map(\.workload.name)
            guard !without.isEmpty else { return nil }
            return "port \(number) leads to the port named \(name), which is missing at "
                + "\(without.joined(separator: ", ")); enrol again with --port \(name):NUMBER, or give targetPort a number"
        }
    }
}
