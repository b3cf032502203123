import MeshModel

/// Who a workload is, which services it serves, and which policies hold at it.
struct WorkloadExplanation {
    private let resource: Resource
    private let mesh: MeshView

    init(_ resource: Resource, _ mesh: MeshView) {
        self.resource = resource
        self.mesh = mesh
    }

    /// Writes the facts and returns what is probably wrong.
    func write(into text: inout DescriptionText) -> [String] {
        guard let workload = mesh.workload(of: resource) else {
            text.fact("Address", resource.spec?["address"]?.asString)
            return ["nodes are told nothing of it"]
        }
        let account = workload.identity.serviceAccount
        text.fact("Addresses", Explanation.address(workload))
        text.fact("Identity", workload.identity.uri)
        text.fact("Node", workload.node.isEmpty ? "none (entered by hand)" : workload.node)
        text.fact("Reached by", workload.tunnelProtocol == .hbone ? "HBONE (mutual TLS)" : "TCP, in the clear")
        text.fact("Health", workload.health.rawValue)
        text.fact(
            "Named ports",
            (resource.spec?["ports"]?.members ?? []).map { "\($0.name) \($0.value.integer ?? 0)" }.joined(
                separator: ", "))
        text.fact("Locality", resource.spec?["locality"]?.asString)
        text.table(
            "Services",
            Table(
                ["HOST NAME", "PORTS"],
                rows: workload.services.sorted { $0.key < $1.key }.map { name, ports in
                    [name.hostname, ports.map { "\($0.port)->\($0.targetPort)" }.joined(separator: " ")]
                }))
        text.table("Policies", Explanation.policies(of: [workload], in: mesh))
        let accounts = mesh.all(.serviceAccount, in: workload.namespace).map(\.metadata.name)
        guard !accounts.contains(account), account != Defaults.serviceAccount else { return [] }
        return [
            "namespace \(workload.namespace) has no service account \(account); apply one, so that it can be seen"
        ]
    }
}
