import MeshModel

/// What a ServiceEntry adds to the mesh.
struct ServiceEntryExplanation {
    private let object: JSONValue
    private let mesh: MeshView

    init(_ object: JSONValue, _ mesh: MeshView) {
        self.object = object
        self.mesh = mesh
    }

    /// Writes the facts and returns what is probably wrong.
    func write(into text: inout DescriptionText) -> [String] {
        let spec = object["spec"]
        let given = spec?["addresses"]?.strings ?? []
        let allocated = (object["status"]?["addresses"]?.elements ?? []).compactMap { $0["value"]?.asString }
        let selector = spec?["workloadSelector"]?["labels"]
        let selected = mesh.workloads(in: MeshView.namespace(object), selectedBy: selector?.members ?? [])
        text.fact("Hosts", (spec?["hosts"]?.strings ?? []).joined(separator: ", "))
        text.fact("Addresses", given.isEmpty ? allocated.joined(separator: ", ") : given.joined(separator: ", "))
        text.fact("Location", spec?["location"]?.asString ?? "MESH_EXTERNAL")
        text.fact("Resolution", spec?["resolution"]?.asString ?? "NONE")
        if selector != nil { text.fact("Selects", Explanation.pairs(selector)) }
        let ports = spec?["ports"]?.elements ?? []
        text.table("Ports", PortTable.table(ports.map { ($0, $0["number"]?.integer) }))
        text.table("Endpoints", endpoints(selected))
        text.table("Policies", Explanation.policies(of: selected, in: mesh))
        guard selector != nil, selected.isEmpty else { return [] }
        return [
            "it selects no workload of namespace \(MeshView.namespace(object)); enrol one with labels "
                + Explanation.pairs(selector)
        ]
    }

    /// The endpoints that it lists, and those that it selects.
    private func endpoints(_ selected: [JSONValue]) -> Table {
        let listed = (object["spec"]?["endpoints"]?.elements ?? []).map { endpoint in
            ["(listed)", endpoint["address"]?.asString ?? "", endpoint["serviceAccount"]?.asString ?? ""]
        }
        let workloads = selected.map { workload in
            [
                MeshView.name(workload), workload["spec"]?["address"]?.asString ?? "",
                workload["spec"]?["serviceAccount"]?.asString ?? Defaults.serviceAccount,
            ]
        }
        return Table(["WORKLOAD", "ADDRESS", "SERVICE ACCOUNT"], rows: listed + workloads)
    }
}
