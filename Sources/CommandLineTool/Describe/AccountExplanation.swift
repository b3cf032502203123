import MeshModel

/// Who runs as a service account, and which policies speak of it.
struct AccountExplanation {
    private let object: JSONValue
    private let mesh: MeshView

    init(_ object: JSONValue, _ mesh: MeshView) {
        self.object = object
        self.mesh = mesh
    }

    /// Writes the facts.
    func write(into text: inout DescriptionText) {
        let name = MeshView.name(object)
        let namespace = MeshView.namespace(object)
        let identity = "ns/\(namespace)/sa/\(name)"
        text.fact("Identity", mesh.identity(namespace: namespace, account: name))
        let workloads = mesh.all(.workloadEntry, in: namespace).filter {
            ($0["spec"]?["serviceAccount"]?.asString ?? Defaults.serviceAccount) == name
        }
        text.table(
            "Workloads",
            Table(
                ["WORKLOAD", "ADDRESS"],
                rows: workloads.map { [MeshView.name($0), $0["spec"]?["address"]?.asString ?? ""] }))
        let policies = mesh.all(.authorizationPolicy).filter { policy in
            (policy["spec"]?["rules"]?.elements ?? []).contains { rule in
                (rule["from"]?.elements ?? []).contains { from in
                    let principals = from["source"]?["principals"]?.strings ?? []
                    let accounts = from["source"]?["serviceAccounts"]?.strings ?? []
                    let own = MeshView.namespace(policy) == namespace && accounts.contains(name)
                    return own || accounts.contains("\(namespace)/\(name)")
                        || principals.contains { $0.hasSuffix("/\(identity)") }
                }
            }
        }
        text.table(
            "Named by",
            Table(
                ["POLICY (NAMESPACE)", "DOES"],
                rows: policies.map {
                    [
                        "authorizationpolicy/\(MeshView.name($0)) (\(MeshView.namespace($0)))",
                        PolicyExplanation.effect(.authorizationPolicy, $0),
                    ]
                }))
    }
}
