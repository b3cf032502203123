import MeshModel

/// AuthorizationPolicies as L4 policies, and which workloads the selecting ones are for (I 2.17).
struct AuthorizationPolicyPlan {
    private let rootNamespace: String
    /// Names of selecting policies, by namespace; those of the root namespace hold everywhere.
    private var selecting: [String: SelectorIndex<PolicyName>] = [:]
    /// The converted policies.
    private(set) var policies: [Authorization] = []
    private(set) var warnings: [CompilationWarning] = []

    init(_ resources: [Resource], mesh: MeshConfig) {
        rootNamespace = mesh.rootNamespace
        for resource in resources {
            let spec: AuthorizationPolicySpec
            do throws(FieldProblems) {
                spec = try AuthorizationPolicySpec(resource.object)
            } catch {
                deny(resource, error, mesh)
                continue
            }
            var conversion = AuthorizationPolicyConversion(resource, spec, mesh: mesh)
            if let policy = conversion.convert() {
                policies.append(policy)
                if policy.scope == .workloadSelector {
                    selecting[policy.namespace, default: SelectorIndex()].insert(spec.selector, policy.key)
                }
            }
            warnings += conversion.warnings
        }
    }

    /// A policy that cannot be read denies.
    private mutating func deny(_ resource: Resource, _ problems: FieldProblems, _ mesh: MeshConfig) {
        let unreadable = UnreadablePolicy(resource, problems)
        guard !unreadable.isForWaypoints else { return }
        let selector = unreadable.selector
        let namespace = resource.metadata.namespace
        let wide: Authorization.Scope = namespace == mesh.rootNamespace ? .global : .namespace
        let denial = unreadable.denial(scope: selector.isEmpty ? wide : .workloadSelector)
        policies.append(denial)
        if !selector.isEmpty { selecting[namespace, default: SelectorIndex()].insert(selector, denial.key) }
        warnings.append(unreadable.warning(refusing: "every connection"))
    }

    /// The names (`namespace/name`) of the selecting policies for a workload with these labels, sorted.
    func policyNames(namespace: String, labels: [String: String]) -> [PolicyName] {
        var names = selecting[namespace]?.matches(labels) ?? []
        if namespace != rootNamespace { names += selecting[rootNamespace]?.matches(labels) ?? [] }
        return names.sorted()
    }
}
