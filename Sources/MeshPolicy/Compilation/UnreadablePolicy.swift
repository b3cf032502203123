import MeshModel

/// A stored policy whose spec this version cannot read (written by another version, or changed past the API). It must not drop
/// out: what it may have refused stays refused until somebody writes it again (DESIGN D11).
///
/// Stateless on purpose: keeping the last one that could be read would forget it at the next restart.
struct UnreadablePolicy {
    private let resource: Resource
    private let problems: FieldProblems

    init(_ resource: Resource, _ problems: FieldProblems) {
        self.resource = resource
        self.problems = problems
    }

    /// The labels that it selects; none, which is the whole namespace, where that is in doubt too.
    var selector: [String: String] {
        guard let selector = resource.spec?["selector"] else { return [:] }
        let labels = selector["matchLabels"]
        let map = labels?.stringMap ?? [:]
        let isWhole = selector.asObject?.keys == ["matchLabels"] && labels?.asObject?.count == map.count
        return isWhole ? map : [:]
    }

    /// Whether it is attached to waypoints and gateways, which enforce it (or refuse to) themselves.
    var isForWaypoints: Bool {
        guard resource.spec?["selector"] == nil else { return false }
        return resource.spec?["targetRefs"]?.asArray?.isEmpty == false || resource.spec?["targetRef"]?.asObject != nil
    }

    /// What it stands for as long as it cannot be read: every connection to what it selects is denied.
    func denial(scope: Authorization.Scope) -> Authorization {
        Authorization(
            name: resource.metadata.name, namespace: resource.metadata.namespace, scope: scope, action: .deny,
            isDryRun: resource.metadata.annotations["istio.io/dry-run"] == "true", rules: [AuthorizationRule([])])
    }

    /// The warning, with what is refused meanwhile.
    func warning(refusing what: String) -> CompilationWarning {
        let first = problems.problems.first?.description ?? "no reason given"
        return CompilationWarning(
            .invalid, resource,
            "its spec cannot be read by this version (\(first)); until it is written again, \(what) is refused for "
                + (selector.isEmpty ? "everything that it could be for" : "the workloads that it selects"))
    }
}
