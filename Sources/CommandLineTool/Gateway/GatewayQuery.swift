import MeshModel

/// The gateways of a namespace or of all.
struct GatewayQuery: ReplicatedQuery {
    static let noun = "gateway"
    static let making = "gateway apply"

    let client: APIClient
    let namespace: String?

    func all() async throws -> [GatewayView] {
        let query = ResourceQuery(client: client, namespace: namespace)
        // Gateways of any namespace may select one.
        let everywhere = ResourceQuery(client: client, namespace: nil)
        return GatewayView.all(
            services: try await query.list(.service).objects, entries: try await query.list(.workloadEntry).objects,
            gateways: try await everywhere.list(.gateway).objects)
    }
}
