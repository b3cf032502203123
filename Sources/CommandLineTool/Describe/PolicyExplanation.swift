import MeshModel
import MeshPolicy

/// Where a policy holds, and what it does there.
struct PolicyExplanation {
    private let resource: Resource
    private let mesh: MeshView

    init(_ resource: Resource, _ mesh: MeshView) {
        self.resource = resource
        self.mesh = mesh
    }

    /// Writes the facts and returns what is probably wrong.
    func write(into text: inout DescriptionText) -> [String] {
        text.fact("Holds for", scope)
        if resource.kind == .peerAuthentication {
            text.fact("Mutual TLS", resource.spec?["mtls"]?["mode"]?.asString ?? "UNSET (as the policy above it says)")
            let ports = resource.spec?["portLevelMtls"]?.members ?? []
            if !ports.isEmpty {
                text.fact(
                    "Ports",
                    ports.map { "\($0.name) \($0.value["mode"]?.asString ?? "UNSET")" }.joined(separator: ", "))
            }
            return []
        }
        let policy = mesh.compiled.policies.first {
            $0.name == resource.metadata.name && $0.namespace == resource.metadata.namespace
        }
        text.fact("Does", policy.map { Self.effect($0, in: mesh) } ?? "nothing at L4: ztunnels do not enforce it")
        if let rules = resource.spec?["rules"] {
            text.block("Rules", YAMLWriter.text(rules))
        }
        guard let policy else { return [] }
        let workloads = mesh.compiled.workloads.filter { mesh.holds(policy, at: $0) }
        text.table("Workloads", Explanation.workloads(workloads))
        guard !workloads.isEmpty else {
            return ["it holds at no workload that there is; check its selector and its namespace"]
        }
        return workloads.filter { !mesh.enforces(policy, at: $0) }.map {
            "\($0.name) is not enrolled and has no ztunnel, so nothing enforces it there"
        }
    }

    private var scope: String {
        let namespace = resource.metadata.namespace
        let targets = (resource.spec?["targetRef"].map { [$0] } ?? []) + (resource.spec?["targetRefs"]?.elements ?? [])
        guard targets.isEmpty else {
            let names = targets.map { "\($0["kind"]?.asString ?? "")/\($0["name"]?.asString ?? "")" }
            return "\(names.joined(separator: ", ")), at the waypoint"
        }
        let selector = Explanation.pairs(resource.spec?["selector"]?["matchLabels"]?.stringMap ?? [:])
        let place = namespace == mesh.settings.rootNamespace ? "the whole mesh" : "namespace \(namespace)"
        return selector.isEmpty ? "every workload of \(place)" : "workloads of \(place) with \(selector)"
    }

    /// What a policy does, in a few words. A policy that nodes get without a resource of its name was made of
    /// PeerAuthentication.
    static func effect(_ policy: Authorization, in mesh: MeshView) -> String {
        guard mesh.all(.authorizationPolicy, in: policy.namespace).contains(where: { $0.metadata.name == policy.name })
        else { return "requires mutual TLS, as PeerAuthentication says" }
        let dryRun = policy.isDryRun ? " (dry run: only logged)" : ""
        switch (policy.action, policy.rules.count) {
        case (.allow, 0): return "allows nothing: every connection is refused\(dryRun)"
        case (.allow, 1): return "allows what its rule matches, and nothing else\(dryRun)"
        case (.allow, let count): return "allows what one of \(count) rules matches, and nothing else\(dryRun)"
        case (.deny, 0): return "denies nothing\(dryRun)"
        case (.deny, 1): return "denies what its rule matches\(dryRun)"
        case (.deny, let count): return "denies what one of \(count) rules matches\(dryRun)"
        }
    }
}
