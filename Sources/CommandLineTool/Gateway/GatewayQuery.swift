import ArgumentParser
import MeshModel

/// Reads the gateways of a namespace or of all, and waits until they serve.
struct GatewayQuery: Sendable {
    /// How often it looks while it waits.
    private static let interval: Duration = .milliseconds(250)

    let client: APIClient
    /// Nil for all namespaces.
    let namespace: String?

    /// All of them.
    func all() async throws -> [GatewayView] {
        let query = ResourceQuery(client: client, namespace: namespace)
        // Gateways of any namespace may select one.
        let everywhere = ResourceQuery(client: client, namespace: nil)
        return GatewayView.all(
            services: try await query.list(.service).objects, entries: try await query.list(.workloadEntry).objects,
            gateways: try await everywhere.list(.gateway).objects)
    }

    /// The one called `name`.
    func one(_ name: String) async throws -> GatewayView {
        guard let found = try await all().first(where: { $0.name == name }) else {
            let place = namespace.map { " -n \($0)" } ?? ""
            throw CommandFailure(
                "there is no gateway \(name) in namespace \"\(namespace ?? "")\"",
                next: "see what there is: ambitctl gateway list -A; or make it: ambitctl gateway apply \(name)\(place)")
        }
        return found
    }

    /// Waits until `name` serves. Throws what is missing after `seconds`.
    func wait(for name: String, seconds: Int) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            let view = try await one(name)
            if view.isProgrammed { return }
            guard ContinuousClock.now < end else {
                throw CommandFailure(
                    "the gateway \(view.reference) is not ready after \(seconds) s: \(view.condition.message)",
                    next: try await WaypointGrants(client: client).remedy(view))
            }
            // As for waypoints: it depends on several lists, so it is asked anew; `end` bounds the wait.
            try await Task.sleep(for: Self.interval)
        }
    }
}
