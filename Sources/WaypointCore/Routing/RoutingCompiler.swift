package import MeshModel
import MeshPolicy

/// Compiles what discovery says into a `RoutingState`. Owned by the control loop; a document is read once for each version of it.
package struct RoutingCompiler {
    private enum Document {
        case virtualService(Configured<VirtualServiceSpec>)
        case destinationRule(Configured<DestinationRuleSpec>)
        case gateway(Configured<GatewaySpec>)
        /// By its name.
        case secret(String, SecretSpec)
        /// The selector of the Service.
        case service(ServiceName, selector: [String: String])
        /// Of a kind that acts elsewhere, or one that cannot be read, for the reason given.
        case none(String?)
    }

    private let waypoint: OwnRecord
    private let role: ProxyRole
    private var gatewayCompiler = GatewayCompiler()
    private let mesh: MeshConfig
    private let network: String
    private let patterns: PatternCache
    private var endpointTLS = EndpointTLSLoader()
    private var documents: [String: (source: Resource, document: Document)] = [:]

    /// A compiler for the waypoint of `configuration`.
    package init(_ configuration: WaypointConfiguration, _ engine: any PatternEngine) {
        waypoint = OwnRecord(configuration)
        role = configuration.role
        network = configuration.network
        patterns = PatternCache(engine)
        var mesh = MeshConfig()
        mesh.trustDomain = configuration.trustDomain
        mesh.clusterID = configuration.clusterID
        mesh.network = configuration.network
        mesh.domainSuffix = configuration.clusterDomain
        self.mesh = mesh
    }

    /// The state of a snapshot and of the objects that act on requests, by their names in discovery.
    package mutating func compile(_ snapshot: MeshSnapshot, _ objects: [String: Resource]) -> RoutingState {
        read(objects)
        let own = waypoint.find(in: snapshot)
        var sources = RoutingSources(snapshot: snapshot, namespace: waypoint.service.namespace)
        sources.mesh = mesh
        sources.network = network
        sources.locality = own?.locality
        sources.place = own.map { EndpointLabels.labels(of: $0) } ?? [:]
        var notes: [String] = []
        var gateways: [Configured<GatewaySpec>] = []
        var secrets: [String: SecretSpec] = [:]
        var selector: [String: String]?
        for (name, entry) in documents.sorted(by: { $0.key < $1.key }) {
            switch entry.document {
            case .virtualService(let spec): sources.virtualServices.append(spec)
            case .destinationRule(let spec): sources.destinationRules.append(spec)
            case .gateway(let spec): gateways.append(spec)
            case .secret(let name, let spec): secrets[name] = spec
            case .service(let service, let labels): if service == waypoint.service { selector = labels }
            case .none(let reason): notes += reason.map { ["\(name) has no effect: \($0)"] } ?? []
            }
        }
        let (contexts, problems) = endpointTLS.load(sources.destinationRules, secrets)
        notes += problems
        var gateway: GatewayState?
        if role == .gateway, let selector {
            let labels = selector.merging([GatewayMarks.gatewayName: waypoint.name]) { _, own in own }
            sources.labels = labels
            let made = gatewayCompiler.compile(
                sources, gateways: gateways, secrets: secrets, labels: labels, patterns)
            gateway = made.state
            notes += made.notes
        }
        let routes = RouteTable(waypoint: sources, patterns)
        patterns.sweep()
        notes += routes.notes.map(\.description)
        return RoutingState(
            snapshot: snapshot, routes: routes, clusters: ClusterCatalog(sources), endpointTLS: contexts,
            gateway: gateway, own: own, isWhole: own != nil && selector != nil, notes: notes)
    }

    /// Whether a file that it has read has another content now.
    func haveFilesChanged() -> Bool { endpointTLS.haveFilesChanged() || gatewayCompiler.haveFilesChanged() }

    private mutating func read(_ objects: [String: Resource]) {
        documents = documents.filter { objects[$0.key] != nil }
        for (name, object) in objects where documents[name]?.source != object {
            documents[name] = (object, document(object))
        }
    }

    private func document(_ object: Resource) -> Document {
        do {
            switch object.kind {
            case .virtualService: return .virtualService(Configured(object, try VirtualServiceSpec(object.object)))
            case .destinationRule: return .destinationRule(Configured(object, try DestinationRuleSpec(object.object)))
            case .gateway: return .gateway(Configured(object, try GatewaySpec(object.object)))
            case .secret where object.metadata.namespace == waypoint.service.namespace:
                return .secret(object.metadata.name, try SecretSpec(object.object))
            case .service:
                let metadata = object.metadata
                let hostname = "\(metadata.name).\(metadata.namespace).svc.\(mesh.domainSuffix)"
                return .service(
                    ServiceName(namespace: metadata.namespace, hostname: hostname),
                    selector: object.spec?["selector"]?.stringMap ?? [:])
            default: return .none(nil)
            }
        } catch {
            return .none("\(error)")
        }
    }
}
