import MeshModel
import MeshPolicy

/// All resources of the mesh and what they compile to: the same compilation that ambitd sends to nodes (DESIGN D8), so that
/// a description never says anything else than what nodes do. Automatic addresses are ambitd's and not known here. Pure.
struct MeshView: Sendable {
    /// What nodes are told.
    let compiled: CompiledMesh
    /// The settings that they are told it with.
    let settings: MeshConfig
    private let resources: [ResourceKind: [Resource]]

    /// Compiles what lists hold; without a trust domain it takes the default one.
    init(_ lists: [ResourceQuery.List], trustDomain: String?) {
        var settings = MeshConfig()
        if let trustDomain { settings.trustDomain = trustDomain }
        let resources = lists.flatMap { list in list.objects.map { Resource(kind: list.kind, object: $0) } }
        self.settings = settings
        self.resources = Dictionary(grouping: resources, by: \.kind)
        compiled = compile(resources, mesh: settings)
    }

    /// The resources of a kind in a namespace (in all: nil), by name.
    func all(_ kind: ResourceKind, in namespace: String? = nil) -> [Resource] {
        (resources[kind] ?? []).filter { namespace == nil || $0.metadata.namespace == namespace }
            .sorted { $0.reference < $1.reference }
    }

    /// The services that nodes make of a Service or a ServiceEntry.
    func services(of resource: Resource) -> [Service] {
        let hosts = Set(resource.spec?["hosts"]?.strings ?? [])
        return compiled.services.filter { service in
            guard service.namespace == resource.metadata.namespace, service.name == resource.metadata.name else {
                return false
            }
            return resource.kind == .serviceEntry ? hosts.contains(service.hostname) : !hosts.contains(service.hostname)
        }
    }

    /// Who answers at a service.
    func endpoints(of service: Service) -> [Endpoint] {
        compiled.workloads.compactMap { workload in
            workload.services[service.key].map { Endpoint(workload: workload, ports: $0) }
        }
    }

    /// The workload that nodes make of a WorkloadEntry; nil if they make none.
    func workload(of entry: Resource) -> Workload? {
        compiled.workloads.first { $0.uid.hasSuffix("/WorkloadEntry/\(entry.reference)") }
    }

    /// Whether a ztunnel enforces a policy at a workload; at one that is not enrolled nobody does.
    func enforces(_ policy: Authorization, at workload: Workload) -> Bool {
        workload.tunnelProtocol == .hbone && holds(policy, at: workload)
    }

    /// Whether a policy is meant for a workload.
    func holds(_ policy: Authorization, at workload: Workload) -> Bool {
        switch policy.scope {
        case .global: true
        case .namespace: policy.namespace == workload.namespace
        case .workloadSelector: workload.authorizationPolicies.contains(policy.key)
        }
    }

    /// What of a resource has no effect, or not the one that one may expect.
    func warnings(of resource: Resource) -> [String] {
        compiled.warnings.filter { warning in
            warning.kind == resource.kind.kind && warning.namespace == resource.metadata.namespace
                && warning.name == resource.metadata.name
        }.map(\.message)
    }

    /// The SPIFFE identity of a service account.
    func identity(_ namespace: String, _ account: String) -> String {
        SPIFFEIdentity(trustDomain: settings.trustDomain, namespace: namespace, serviceAccount: account).uri
    }
}
