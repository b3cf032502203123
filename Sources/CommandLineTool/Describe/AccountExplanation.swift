import MeshModel
import MeshPolicy

/// Who runs as a service account, and which policies speak of it by name.
struct AccountExplanation {
    private let resource: Resource
    private let mesh: MeshView

    init(_ resource: Resource, _ mesh: MeshView) {
        self.resource = resource
        self.mesh = mesh
    }

    /// Writes the facts.
    func write(into text: inout DescriptionText) {
        let name = resource.metadata.name
        let namespace = resource.metadata.namespace
        text.fact("Identity", mesh.identity(namespace, name))
        text.table(
            "Workloads",
            Explanation.workloads(
                mesh.compiled.workloads.filter {
                    $0.namespace == namespace && $0.identity.serviceAccount == name
                }))
        let policies = mesh.all(.authorizationPolicy).filter(names)
        text.list("Named by", policies.map { "\($0.kind.singular)/\($0.metadata.name) of \($0.metadata.namespace)" })
    }

    /// Whether a rule of the policy has this account among its sources.
    private func names(_ policy: Resource) -> Bool {
        let name = resource.metadata.name
        let namespace = resource.metadata.namespace
        let sources = (policy.spec?["rules"]?.elements ?? []).flatMap { $0["from"]?.elements ?? [] }
            .compactMap { $0["source"] }
        return sources.contains { source in
            let principals = source["principals"]?.strings ?? []
            let accounts = source["serviceAccounts"]?.strings ?? []
            let isOwn = policy.metadata.namespace == namespace && accounts.contains(name)
            return isOwn || accounts.contains("\(namespace)/\(name)")
                || principals.contains { $0.hasSuffix("/ns/\(namespace)/sa/\(name)") }
        }
    }
}
