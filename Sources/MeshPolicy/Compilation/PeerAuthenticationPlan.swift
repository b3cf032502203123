import MeshModel

/// PeerAuthentication as L4 policies (Z 4.3 end, I 2.19): which workloads only take authenticated connections, on which ports.
///
/// Precedence: workload selector, then namespace, then mesh; on one level the oldest stands. UNSET inherits.
struct PeerAuthenticationPlan {
    /// The policy that says STRICT and nothing else; '_' cannot occur in the name of a resource, so it collides with none.
    static let strictName = "istio_converted_static_strict"
    /// What the name of a policy with port exceptions begins with.
    static let convertedPrefix = "converted_peer_authentication_"

    private struct Selecting {
        let resource: Resource
        let mode: MutualTLSMode?
        let ports: [(port: UInt16, mode: MutualTLSMode)]
    }

    private let rootNamespace: String
    private var meshMode: MutualTLSMode?
    private var namespaceModes: [String: MutualTLSMode?] = [:]
    private var selecting: [String: SelectorIndex<Selecting>] = [:]
    /// The policies that workloads refer to.
    private(set) var policies: [Authorization] = []
    private(set) var warnings: [CompilationWarning] = []

    init(_ resources: [Resource], rootNamespace: String) {
        self.rootNamespace = rootNamespace
        guard !resources.isEmpty else { return }
        var hasMeshWide = false
        policies.append(
            Authorization(
                name: Self.strictName, namespace: rootNamespace, scope: .workloadSelector, action: .deny,
                rules: [AuthorizationRule([Self.plaintext])]))
        // Oldest first: what comes later on the same level is overridden.
        var later: [(Resource, PeerAuthenticationSpec)] = []
        for resource in resources.sorted(by: Resource.isOlder) {
            let spec: PeerAuthenticationSpec
            do throws(FieldProblems) {
                spec = try PeerAuthenticationSpec(resource.object)
            } catch {
                // The closed side of this kind: only mutual TLS.
                let unreadable = UnreadablePolicy(resource, error)
                spec = .strict(selecting: unreadable.selector)
                warnings.append(unreadable.warning(refusing: "every connection without mutual TLS"))
            }
            let namespace = resource.metadata.namespace
            if !spec.selector.isEmpty {
                if namespace == rootNamespace {
                    warn(
                        resource, .noEffect,
                        "selectors are not read in the root namespace \(rootNamespace); put it into the workloads' namespace"
                    )
                } else {
                    later.append((resource, spec))
                }
                continue
            }
            if !spec.portLevelMtls.isEmpty {
                warn(
                    resource, .noEffect, "portLevelMtls needs a selector; the ports have the mode of the whole resource"
                )
            }
            if namespace == rootNamespace {
                if hasMeshWide {
                    warn(resource, .overridden, "an older PeerAuthentication of \(namespace) without a selector stands")
                    continue
                }
                hasMeshWide = true
                meshMode = MutualTLSMode(written: spec.mode)
            } else if namespaceModes[namespace] != nil {
                warn(resource, .overridden, "an older PeerAuthentication of \(namespace) without a selector stands")
            } else {
                namespaceModes[namespace] = .some(MutualTLSMode(written: spec.mode))
            }
        }
        for (resource, spec) in later { addSelecting(resource, spec) }
    }

    /// The names (`namespace/name`) of the policies that a workload with these labels must carry.
    func policyNames(namespace: String, labels: [String: String]) -> [PolicyName] {
        let strict = PolicyName(namespace: rootNamespace, name: Self.strictName)
        let base = baseMode(namespace)
        guard let effective = selecting[namespace]?.matches(labels).first else {
            return base == .strict ? [strict] : []
        }
        if Self.exceptions(effective.ports, to: effective.mode ?? base).isEmpty {
            return (effective.mode ?? base) == .strict ? [strict] : []
        }
        return [PolicyName(namespace: namespace, name: Self.convertedPrefix + effective.resource.metadata.name)]
    }

    private func baseMode(_ namespace: String) -> MutualTLSMode {
        (namespaceModes[namespace] ?? nil) ?? meshMode ?? .permissive
    }

    private mutating func addSelecting(_ resource: Resource, _ spec: PeerAuthenticationSpec) {
        let namespace = resource.metadata.namespace
        let ports = spec.portLevelMtls.compactMap { port, mode in
            MutualTLSMode(written: mode).map { (port: port, mode: $0) }
        }.sorted { $0.port < $1.port }
        let one = Selecting(resource: resource, mode: MutualTLSMode(written: spec.mode), ports: ports)
        selecting[namespace, default: SelectorIndex()].insert(spec.selector, one)
        let mode = one.mode ?? baseMode(namespace)
        let exceptions = Self.exceptions(ports, to: mode)
        guard !exceptions.isEmpty else { return }
        let rules: [AuthorizationRule]
        switch mode {
        case .strict:
            // One rule: plaintext, and not to one of the open ports.
            rules = [
                AuthorizationRule(
                    [Self.plaintext]
                        + exceptions.map { port in
                            AuthorizationClause([.with { $0.notDestinationPorts = [port] }])
                        })
            ]
        case .permissive:
            // A rule for each closed port.
            rules = exceptions.map { port in
                AuthorizationRule([
                    AuthorizationClause([
                        .with {
                            $0.notPrincipals = [.presence]
                            $0.destinationPorts = [port]
                        }
                    ])
                ])
            }
        }
        policies.append(
            Authorization(
                name: Self.convertedPrefix + resource.metadata.name, namespace: namespace, scope: .workloadSelector,
                action: .deny, rules: rules))
    }

    /// The ports whose mode is not `mode`.
    private static func exceptions(_ ports: [(port: UInt16, mode: MutualTLSMode)], to mode: MutualTLSMode) -> [UInt16] {
        ports.filter { $0.mode != mode }.map(\.port)
    }

    /// Connections without an authenticated principal.
    private static let plaintext = AuthorizationClause([.with { $0.notPrincipals = [.presence] }])

    private mutating func warn(_ resource: Resource, _ code: CompilationWarning.Code, _ message: String) {
        warnings.append(CompilationWarning(code, resource, message))
    }
}
