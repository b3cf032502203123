import MeshModel

/// One AuthorizationPolicy as an L4 policy.
///
/// What cannot be expressed never widens what is allowed (DESIGN D11): an ALLOW rule with such a part is dropped whole, a DENY
/// rule keeps its other parts and so denies more. Each case is a warning that names the parts.
struct AuthorizationPolicyConversion {
    private let resource: Resource
    private let spec: AuthorizationPolicySpec
    private let mesh: MeshConfig
    private(set) var warnings: [CompilationWarning] = []

    init(_ resource: Resource, _ spec: AuthorizationPolicySpec, mesh: MeshConfig) {
        self.resource = resource
        self.spec = spec
        self.mesh = mesh
    }

    /// The policy, or nil where ztunnel has nothing to enforce.
    mutating func convert() -> Authorization? {
        if !spec.targetRefs.isEmpty {
            let targets = spec.targetRefs.map { "\($0.kind) \($0.name)" }.joined(separator: ", ")
            warn(
                .notEnforced,
                "it is for the waypoint of \(targets), and this version of Ambit runs no waypoints; use a selector and L4 fields "
                    + "for what must be enforced now")
            return nil
        }
        let action: Authorization.Action
        switch spec.action {
        case "DENY":
            action = .deny
        case "AUDIT":
            warn(.notEnforced, "AUDIT decides nothing, and ztunnel does not log it")
            return nil
        case "CUSTOM":
            warn(
                .enforcedNarrower,
                "an external authorizer cannot be asked at L4; connections that its rules match are denied instead")
            action = .deny
        default:
            action = .allow
        }
        let namespace = resource.metadata.namespace
        let scope: Authorization.Scope
        if !spec.selector.isEmpty {
            scope = .workloadSelector
        } else {
            scope = namespace == mesh.rootNamespace ? .global : .namespace
        }
        var unusable = Set<String>()
        var rules: [AuthorizationRule] = []
        for written in spec.rules {
            var conversion = RuleConversion(written, action: action, namespace: namespace)
            if let rule = conversion.convert() { rules.append(rule) }
            unusable.formUnion(conversion.unusable)
        }
        if !unusable.isEmpty {
            let parts = unusable.sorted().joined(separator: ", ")
            warn(
                .enforcedNarrower,
                action == .allow
                    ? "ztunnel cannot decide on \(parts); rules of an ALLOW policy that use them allow nothing"
                    : "ztunnel cannot decide on \(parts); rules of a DENY policy are enforced without them, so they deny more"
            )
        }
        return Authorization(
            name: resource.metadata.name, namespace: namespace, scope: scope, action: action,
            isDryRun: resource.metadata.annotations["istio.io/dry-run"] == "true", rules: rules)
    }

    private mutating func warn(_ code: CompilationWarning.Code, _ message: String) {
        warnings.append(CompilationWarning(code, resource, message))
    }
}
