package import MeshModel
import MeshPolicy

/// Compiles what discovery says into a `RoutingState`. Owned by the control loop; a document is read once for each version of it.
package struct RoutingCompiler {
    private enum Document {
        case virtualService(Configured<VirtualServiceSpec>)
        case destinationRule(Configured<DestinationRuleSpec>)
        /// Of a kind that acts elsewhere, or one that cannot be read, for the reason given.
        case none(String?)
    }

    private let waypoint: OwnRecord
    private let mesh: MeshConfig
    private let network: String
    private let patterns: PatternCache
    private var endpointTLS = EndpointTLSLoader()
    private var documents: [String: (source: Resource, document: Document)] = [:]

    /// A compiler for the waypoint of `configuration`.
    package init(_ configuration: WaypointConfiguration, _ engine: any PatternEngine) {
        waypoint = OwnRecord(configuration)
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
        var notes: [String] = []
        for (name, entry) in documents.sorted(by: { $0.key < $1.key }) {
            switch entry.document {
            case .virtualService(let spec): sources.virtualServices.append(spec)
            case .destinationRule(let spec):
                sources.destinationRules.append(spec)
                notes += UnusedSettings.notes(spec)
            case .none(let reason): notes += reason.map { ["\(name) has no effect: \($0)"] } ?? []
            }
        }
        let (contexts, problems) = endpointTLS.load(sources.destinationRules)
        notes += problems
        let routes = RouteTable(waypoint: sources, patterns)
        patterns.sweep()
        notes += routes.notes.map(\.description)
        return RoutingState(
            snapshot: snapshot, routes: routes, clusters: ClusterCatalog(sources), endpointTLS: contexts, own: own,
            notes: notes)
    }

    /// Whether a file that it has read has another content now.
    func haveFilesChanged() -> Bool { endpointTLS.haveFilesChanged() }

    private mutating func read(_ objects: [String: Resource]) {
        documents = documents.filter { objects[$0.key] != nil }
        for (name, object) in objects where documents[name]?.source != object {
            documents[name] = (object, Self.document(object))
        }
    }

    private static func document(_ object: Resource) -> Document {
        do {
            switch object.kind {
            case .virtualService: return .virtualService(Configured(object, try VirtualServiceSpec(object.object)))
            case .destinationRule: return .destinationRule(Configured(object, try DestinationRuleSpec(object.object)))
            default: return .none(nil)
            }
        } catch {
            return .none("\(error)")
        }
    }
}
