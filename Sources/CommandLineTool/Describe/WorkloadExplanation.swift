import MeshModel

/// Who a workload is, what it serves, and which policies hold for it.
struct WorkloadExplanation {
    private let object: JSONValue
    private let mesh: MeshView

    init(_ object: JSONValue, _ mesh: MeshView) {
        self.object = object
        self.mesh = mesh
    }

    /// Writes the facts and returns what is probably wrong.
    func write(into text: inout DescriptionText) -> [String] {
        let spec = object["spec"]
        let namespace = MeshView.namespace(object)
        let account = spec?["serviceAccount"]?.asString ?? Defaults.serviceAccount
        text.fact("Address", spec?["address"]?.asString)
        text.fact("Identity", mesh.identity(namespace: namespace, account: account))
        text.fact("Node", object["metadata"]?["labels"]?["ambit.io/node"]?.asString ?? "none (entered by hand)")
        text.fact(
            "Ports",
            (spec?["ports"]?.members ?? []).map { "\($0.name) \($0.value.integer ?? 0)" }.joined(separator: ", "))
        text.fact("Locality", spec?["locality"]?.asString)
        let services = mesh.services(of: object)
        text.table(
            "Services",
            Table(
                ["SERVICE", "SELECTS"],
                rows: services.map { kind, service in
                    let selector = service["spec"]?[kind == .service ? "selector" : "workloadSelector"]
                    let labels = kind == .service ? selector : selector?["labels"]
                    return ["\(kind.singular)/\(MeshView.name(service))", Explanation.pairs(labels)]
                }))
        text.table("Policies", Explanation.policies(of: [object], in: mesh))
        let accounts = mesh.all(.serviceAccount, in: namespace).map(MeshView.name)
        guard !accounts.contains(account), account != "default" else { return [] }
        return [
            "namespace \(namespace) has no service account \(account); apply one, so that it can be seen and reviewed"
        ]
    }
}
