import MeshModel

/// The waypoints of a namespace or of all.
struct WaypointQuery: ReplicatedQuery {
    static let noun = "waypoint"
    static let making = "waypoint apply --name"

    let client: APIClient
    let namespace: String?

    func all() async throws -> [WaypointView] {
        let query = ResourceQuery(client: client, namespace: namespace)
        return WaypointView.all(
            services: try await query.list(.service).objects, entries: try await query.list(.workloadEntry).objects)
    }
}
