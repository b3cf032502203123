import MeshModel

/// Where a policy holds, and what it does there.
struct PolicyExplanation {
    private let kind: ResourceKind
    private let object: JSONValue
    private let mesh: MeshView

    init(_ kind: ResourceKind, _ object: JSONValue, _ mesh: MeshView) {
        self.kind = kind
        self.object = object
        self.mesh = mesh
    }

    /// Writes the facts and returns what is probably wrong.
    func write(into text: inout DescriptionText) -> [String] {
        text.fact("Does", Self.effect(kind, object))
        text.fact("Holds for", scope)
        if let ports = object["spec"]?["portLevelMtls"]?.members, !ports.isEmpty {
            text.fact(
                "Ports", ports.map { "\($0.name) \($0.value["mode"]?.asString ?? "UNSET")" }.joined(separator: ", "))
        }
        if let rules = object["spec"]?["rules"] {
            text.block("Rules", YAMLWriter.text(rules))
        }
        guard !MeshView.hasTargets(object) else { return [] }
        let workloads = mesh.workloads(under: object)
        text.table(
            "Workloads",
            Table(
                ["WORKLOAD", "NAMESPACE", "ADDRESS"],
                rows: workloads.map {
                    [MeshView.name($0), MeshView.namespace($0), $0["spec"]?["address"]?.asString ?? ""]
                }))
        guard workloads.isEmpty else { return [] }
        return ["it holds for no workload that there is; check its selector and its namespace"]
    }

    private var scope: String {
        if MeshView.hasTargets(object) {
            let one = object["spec"]?["targetRef"].map { [$0] }
            let targets = (one ?? object["spec"]?["targetRefs"]?.elements ?? []).map {
                "\($0["kind"]?.asString ?? "")/\($0["name"]?.asString ?? "")"
            }
            return "\(targets.joined(separator: ", ")), at the waypoint"
        }
        let namespace = MeshView.namespace(object)
        let selector = Explanation.pairs(object["spec"]?["selector"]?["matchLabels"])
        let isRoot = namespace == MeshView.rootNamespace
        let place = isRoot ? "the whole mesh" : "namespace \(namespace)"
        return selector.isEmpty ? "every workload of \(place)" : "workloads of \(place) with \(selector)"
    }

    /// What a policy does, in a few words.
    static func effect(_ kind: ResourceKind, _ policy: JSONValue) -> String {
        if kind == .peerAuthentication {
            return switch policy["spec"]?["mtls"]?["mode"]?.asString ?? "UNSET" {
            case "STRICT": "STRICT: only mutual TLS is accepted"
            case "UNSET": "UNSET: as the policy above it says"
            case let mode: "\(mode): plaintext is accepted, too"
            }
        }
        let action = policy["spec"]?["action"]?.asString ?? "ALLOW"
        let rules = policy["spec"]?["rules"]?.elements.count ?? 0
        switch (action, rules) {
        case ("ALLOW", 0): return "ALLOW nothing: every connection is refused"
        case (_, 1): return "\(action) what its rule matches"
        default: return "\(action) what one of \(rules) rules matches"
        }
    }
}
