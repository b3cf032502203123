import MeshModel

/// A waypoint of the mesh and what runs of it, out of the objects that are stored. Pure.
struct WaypointView: ReplicatedView, Equatable {
    let namespace: String
    let name: String
    /// What it takes, as its label says.
    let traffic: String
    let replicas: [ProxyReplica]

    /// The waypoints among `services`, by namespace and name, each with those of `entries` that its selector picks.
    static func all(services: [JSONValue], entries: [JSONValue]) -> [WaypointView] {
        services.compactMap { WaypointView($0, entries: entries) }
            .sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    }

    private init?(_ service: JSONValue, entries: [JSONValue]) {
        let metadata = service["metadata"]
        guard let traffic = metadata?["labels"]?[WaypointService.trafficLabel]?.asString else { return nil }
        namespace = metadata?["namespace"]?.asString ?? ""
        name = metadata?["name"]?.asString ?? ""
        self.traffic = traffic
        replicas = ProxyReplica.all(of: service, entries: entries)
    }

    /// What systemd calls it on a host.
    var unit: String { WaypointService.unit(namespace: namespace, name: name) }
}
