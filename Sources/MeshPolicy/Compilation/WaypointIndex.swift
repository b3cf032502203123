import MeshModel

/// Which waypoint the label `istio.io/use-waypoint` of an object or its namespace leads to (I 1.0).
///
/// A waypoint is the Service of that name; it says by `istio.io/waypoint-for` whether it takes traffic to services (the
/// default), to workloads, to all, or to none.
struct WaypointIndex {
    /// Whose traffic is asked about.
    enum Target {
        case service
        case workload
    }

    private let services: [String: Resource]
    private let namespaces: [String: Resource]
    private let mesh: MeshConfig
    private(set) var warnings: [CompilationWarning] = []
    private var warned: Set<String> = []

    init(services: [Resource], namespaces: [Resource], mesh: MeshConfig) {
        self.services = Dictionary(
            services.map { ("\($0.metadata.namespace)/\($0.metadata.name)", $0) },
            uniquingKeysWith: { first, _ in first })
        self.namespaces = Dictionary(
            namespaces.map { ($0.metadata.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.mesh = mesh
    }

    /// The waypoint of an object with these labels, nil where it has none. A waypoint that is named and does not exist is a
    /// warning, on the object that names it.
    mutating func waypoint(of resource: Resource, labels: [String: String], for target: Target) -> GatewayAddress? {
        if let own = gateway(resource) { return own }
        let namespace = resource.metadata.namespace
        let owner: Resource
        let named: [String: String]
        if labels["istio.io/use-waypoint"] != nil {
            owner = resource
            named = labels
        } else if let parent = namespaces[namespace], parent.metadata.labels["istio.io/use-waypoint"] != nil {
            owner = parent
            named = parent.metadata.labels
        } else {
            return nil
        }
        guard let name = named["istio.io/use-waypoint"], !name.isEmpty, name != "none" else { return nil }
        let home = named["istio.io/use-waypoint-namespace"] ?? namespace
        let key = "\(home)/\(name)"
        guard let waypoint = services[key] else {
            warnMissing(owner, key)
            return nil
        }
        guard Self.takes(waypoint, target), !isPart(resource, labels: labels, of: waypoint) else { return nil }
        return GatewayAddress(.hostname(hostname(name, home)))
    }

    /// A gateway is its own waypoint: what the mesh sends to it comes to its tunnel port, as nobody else on its host takes it there.
    private func gateway(_ resource: Resource) -> GatewayAddress? {
        let reference: String
        switch resource.kind {
        case .service: reference = resource.reference
        case .workloadEntry: reference = resource.metadata.annotations[GatewayMarks.reporter] ?? ""
        default: return nil
        }
        guard let service = services[reference], service.metadata.labels[GatewayMarks.service] != nil else {
            return nil
        }
        return GatewayAddress(.hostname(hostname(service.metadata.name, service.metadata.namespace)))
    }

    private func hostname(_ name: String, _ namespace: String) -> ServiceName {
        ServiceName(namespace: namespace, hostname: "\(name).\(namespace).svc.\(mesh.domainSuffix)")
    }

    private static func takes(_ waypoint: Resource, _ target: Target) -> Bool {
        switch waypoint.metadata.labels["istio.io/waypoint-for"] ?? "service" {
        case "all": true
        case "service": target == .service
        case "workload": target == .workload
        default: false
        }
    }

    /// Whether the object is the waypoint itself, whose traffic must not be sent through it again.
    private func isPart(_ resource: Resource, labels: [String: String], of waypoint: Resource) -> Bool {
        guard resource.metadata.namespace == waypoint.metadata.namespace else { return false }
        if resource.kind == .service { return resource.metadata.name == waypoint.metadata.name }
        return labels[GatewayMarks.gatewayName] == waypoint.metadata.name
    }

    private mutating func warnMissing(_ owner: Resource, _ key: String) {
        guard warned.insert("\(owner.kind.rawValue)/\(owner.metadata.namespace)/\(owner.metadata.name)").inserted else {
            return
        }
        warnings.append(
            CompilationWarning(
                .waypointMissing, owner,
                "the waypoint \(key) does not exist, so traffic goes without it and its L7 policies are not enforced; "
                    + "deploy it, or write what must hold as L4 policies with selectors"))
    }
}
