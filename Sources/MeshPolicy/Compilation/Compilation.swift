package import MeshModel

/// Compiles resources into what nodes are told: pure, the same result for the same resources in any order (DESIGN D8).
///
/// `virtualAddresses` are the automatic addresses in force; those of the result must be stored before it is sent. Takes time
/// proportional to the resources (10,000 workloads and 1,000 services: 0.2 s). An unreadable resource is left out with a warning; an
/// unreadable policy denies (`UnreadablePolicy`).
package func compile(
    _ resources: [Resource], mesh: MeshConfig = MeshConfig(), virtualAddresses: VirtualAddresses = VirtualAddresses()
) -> CompiledMesh {
    var compilation = Compilation(resources, mesh: mesh)
    return compilation.run(virtualAddresses)
}

/// The steps of one compilation and what they share.
struct Compilation {
    private let mesh: MeshConfig
    private let byKind: [ResourceKind: [Resource]]
    private var waypoints: WaypointIndex
    private var warnings: [CompilationWarning] = []
    private var drafts: [ServiceDraft] = []
    private var workloads: [WorkloadDraft] = []

    init(_ resources: [Resource], mesh: MeshConfig) {
        self.mesh = mesh
        byKind = Dictionary(grouping: resources, by: \.kind)
        waypoints = WaypointIndex(
            services: byKind[.service] ?? [], namespaces: byKind[.namespace] ?? [], mesh: mesh)
    }

    mutating func run(_ allocations: VirtualAddresses) -> CompiledMesh {
        draftServices()
        draftServiceEntries()
        draftWorkloadEntries()
        let peers = PeerAuthenticationPlan(byKind[.peerAuthentication] ?? [], rootNamespace: mesh.rootNamespace)
        let policies = AuthorizationPolicyPlan(byKind[.authorizationPolicy] ?? [], mesh: mesh)
        var result = CompiledMesh()
        result.virtualAddresses = allocate(allocations)
        result.services = finishServices(result.virtualAddresses)
        result.workloads = finishWorkloads(peers: peers, policies: policies)
        result.policies = (peers.policies + policies.policies).sorted { $0.key < $1.key }
        warnings += peers.warnings + policies.warnings + waypoints.warnings
        result.warnings = warnings.sorted {
            ($0.kind, $0.namespace, $0.name, $0.message) < ($1.kind, $1.namespace, $1.name, $1.message)
        }
        return result
    }

    /// A spec, or nil and a warning where this version cannot read it.
    private mutating func read<Spec>(
        _ resource: Resource, _ parse: (JSONValue) throws(FieldProblems) -> Spec
    ) -> Spec? {
        do throws(FieldProblems) {
            return try parse(resource.object)
        } catch {
            let first = error.problems.first?.description ?? "no reason given"
            warnings.append(
                CompilationWarning(
                    .invalid, resource,
                    "its spec cannot be read by this version (\(first)); it is left out until it is written again"))
            return nil
        }
    }

    private mutating func draftServices() {
        for resource in byKind[.service] ?? [] {
            guard let spec = read(resource, { (object) throws(FieldProblems) in try ServiceSpec(object) }) else {
                continue
            }
            var conversion = ServiceConversion(resource, mesh: mesh)
            if let draft = conversion.convert(spec) { drafts.append(draft) }
            warnings += conversion.warnings
        }
    }

    private mutating func draftServiceEntries() {
        for resource in byKind[.serviceEntry] ?? [] {
            guard let spec = read(resource, { (object) throws(FieldProblems) in try ServiceEntrySpec(object) }) else {
                continue
            }
            var conversion = ServiceEntryConversion(resource, mesh: mesh)
            let hosts = conversion.convert(spec)
            warnings += conversion.warnings
            drafts += hosts
            let resolution = spec.resolution ?? "NONE"
            guard resolution != "NONE" else { continue }
            for endpoint in spec.endpoints {
                add(WorkloadDraft.make(endpoint: endpoint, of: resource, services: hosts, mesh: mesh), resource)
            }
            // Without endpoints, a host that is resolved is its own endpoint.
            guard resolution.hasPrefix("DNS"), spec.endpoints.isEmpty, spec.workloadSelector == nil else { continue }
            for host in hosts {
                add(
                    WorkloadDraft.make(
                        endpoint: WorkloadEntrySpec(address: host.hostname), of: resource, services: [host], mesh: mesh),
                    resource)
            }
        }
    }

    private mutating func draftWorkloadEntries() {
        for resource in byKind[.workloadEntry] ?? [] {
            guard let spec = read(resource, { (object) throws(FieldProblems) in try WorkloadEntrySpec(object) }) else {
                continue
            }
            add(WorkloadDraft.make(resource, spec, mesh: mesh), resource)
        }
    }

    private mutating func add(_ draft: Result<WorkloadDraft, WorkloadDraft.Refusal>, _ resource: Resource) {
        switch draft {
        case .success(let draft): workloads.append(draft)
        case .failure(let refusal): warnings.append(CompilationWarning(.noEffect, resource, refusal.message))
        }
    }

    private mutating func allocate(_ allocations: VirtualAddresses) -> VirtualAddresses {
        let wanting = drafts.filter(\.wantsAddress)
        var taken = Set(drafts.flatMap { $0.addresses.map(\.ip) })
        for workload in workloads { taken.formUnion(workload.addresses) }
        let (result, exhausted) = allocations.allocating(for: Set(wanting.map(\.addressKey)), taken: taken)
        if !exhausted.isEmpty {
            let without = Set(exhausted)
            for draft in wanting where without.contains(draft.addressKey) {
                warnings.append(
                    CompilationWarning(
                        .exhausted, draft.resource,
                        "\(draft.hostname) got no automatic address: all \(VirtualAddresses.capacity) are given; write one"
                    ))
            }
        }
        return result
    }

    private mutating func finishServices(_ allocations: VirtualAddresses) -> [Service] {
        let canonical = canonicalServices()
        var seen = Set<ServiceName>()
        var services: [Service] = []
        // Oldest first: of two services with one name the older stands.
        for draft in drafts.sorted(by: { Resource.isOlder($0.resource, $1.resource) }) {
            guard seen.insert(draft.name).inserted else {
                warnings.append(
                    CompilationWarning(
                        .overridden, draft.resource,
                        "an older resource of this namespace already defines \(draft.hostname)"))
                continue
            }
            var addresses = draft.addresses
            if draft.wantsAddress, let automatic = allocations.addresses(for: draft.addressKey) {
                if draft.ipFamilies != .ipv6Only {
                    addresses.append(NetworkAddress(network: mesh.network, ip: automatic.ipv4))
                }
                if draft.ipFamilies != .ipv4Only {
                    addresses.append(NetworkAddress(network: mesh.network, ip: automatic.ipv6))
                }
            }
            services.append(
                Service(
                    name: draft.resource.metadata.name, namespace: draft.name.namespace, hostname: draft.hostname,
                    addresses: addresses, ranges: draft.ranges, ports: draft.servicePorts,
                    subjectAltNames: draft.subjectAltNames,
                    waypoint: waypoints.waypoint(
                        of: draft.resource, labels: draft.resource.metadata.labels, for: .service),
                    loadBalancing: draft.loadBalancing, ipFamilies: draft.ipFamilies,
                    isCanonical: canonical[draft.hostname] == draft.name, visibility: draft.visibility))
        }
        return services.sorted { $0.key < $1.key }
    }

    /// Per host name the service to prefer: a Service, else the oldest.
    private func canonicalServices() -> [String: ServiceName] {
        var result: [String: ServiceDraft] = [:]
        for draft in drafts {
            guard let other = result[draft.hostname] else {
                result[draft.hostname] = draft
                continue
            }
            let isService = (draft.resource.kind == .service, other.resource.kind == .service)
            if isService.0 != isService.1 ? isService.0 : Resource.isOlder(draft.resource, other.resource) {
                result[draft.hostname] = draft
            }
        }
        return result.mapValues(\.name)
    }

    private mutating func finishWorkloads(
        peers: PeerAuthenticationPlan, policies: AuthorizationPolicyPlan
    ) -> [Workload] {
        var selectors: [String: SelectorIndex<Int>] = [:]
        for (index, draft) in drafts.enumerated() {
            if let selector = draft.selector, !selector.isEmpty {
                selectors[draft.resource.metadata.namespace, default: SelectorIndex()].insert(selector, index)
            }
        }
        var seen = Set<String>()
        var result: [Workload] = []
        result.reserveCapacity(workloads.count)
        for draft in workloads {
            guard seen.insert(draft.uid).inserted else {
                warnings.append(
                    CompilationWarning(.overridden, draft.resource, "endpoint \(draft.spec.address) is there twice"))
                continue
            }
            let namespace = draft.resource.metadata.namespace
            let services =
                draft.resource.kind == .serviceEntry
                ? draft.ownServices : selectors[namespace]?.matches(draft.labels).map { drafts[$0] } ?? []
            result.append(
                finish(
                    draft, services: services,
                    policies: policies.policyNames(namespace: namespace, labels: draft.labels)
                        + peers.policyNames(namespace: namespace, labels: draft.labels)))
        }
        return result.sorted { $0.uid < $1.uid }
    }

    private mutating func finish(
        _ draft: WorkloadDraft, services: [ServiceDraft], policies: [PolicyName]
    ) -> Workload {
        let name = draft.resource.metadata.name
        let workloadName = draft.labels["service.istio.io/workload-name"] ?? name
        let canonical = CanonicalService(labels: draft.labels, workloadName: workloadName)
        let tunnel = draft.tunnel
        let spec = draft.spec
        return Workload(
            uid: draft.uid, name: name, namespace: draft.resource.metadata.namespace, addresses: draft.addresses,
            hostname: draft.hostname, network: spec.network.isEmpty ? mesh.network : spec.network,
            tunnelProtocol: tunnel.kind, trustDomain: mesh.trustDomain,
            serviceAccount: spec.serviceAccount.isEmpty ? Defaults.serviceAccount : spec.serviceAccount,
            waypoint: waypoints.waypoint(of: draft.resource, labels: draft.labels, for: .workload), node: draft.node,
            canonicalName: canonical.name, canonicalRevision: canonical.revision, workloadType: .pod,
            workloadName: workloadName, hasNativeTunnel: tunnel.isNative,
            services: Dictionary(
                services.map { ($0.name, $0.ports(of: spec.ports)) }, uniquingKeysWith: { first, _ in first }),
            authorizationPolicies: policies, health: draft.isHealthy ? .healthy : .unhealthy,
            clusterID: mesh.clusterID, locality: Locality(spec.locality) ?? Locality(),
            networkMode: draft.networkMode, capacity: spec.weight.flatMap { $0 > 0 ? $0 : nil } ?? 1,
            labels: labels(of: draft))
    }

    /// The labels that nodes are told, with a warning where there are more.
    private mutating func labels(of draft: WorkloadDraft) -> WorkloadLabels {
        let labels = WorkloadLabels(draft.labels)
        if labels.all.count < draft.labels.count {
            warnings.append(
                CompilationWarning(
                    .noEffect, draft.resource,
                    "\(draft.labels.count - labels.all.count) of its \(draft.labels.count) labels are not seen by subsets and sourceLabels: "
                        + "nodes are told the first \(WorkloadLabels.limit) in the order of their keys, with keys of at most "
                        + "\(WorkloadLabels.keyLimit) and values of at most \(WorkloadLabels.valueLimit) bytes; remove some"
                ))
        }
        return labels
    }
}
