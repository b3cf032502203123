import ArgumentParser
import MeshModel

/// Reads the waypoints of a namespace or of all, and waits until they can serve.
struct WaypointQuery: Sendable {
    /// How often it looks while it waits.
    private static let interval: Duration = .milliseconds(250)

    let client: APIClient
    /// Nil for all namespaces.
    let namespace: String?

    /// All of them.
    func all() async throws -> [WaypointView] {
        let query = ResourceQuery(client: client, namespace: namespace)
        return WaypointView.all(
            services: try await query.list(.service).objects, entries: try await query.list(.workloadEntry).objects)
    }

    /// The one called `name`.
    func one(_ name: String) async throws -> WaypointView {
        guard let found = try await all().first(where: { $0.name == name }) else {
            throw CommandFailure(
                "there is no waypoint \(name) in namespace \"\(namespace ?? "")\"",
                next: "see what there is: ambitctl waypoint list -A; or make it: ambitctl waypoint apply --name \(name)"
                    + (namespace.map { " -n \($0)" } ?? ""))
        }
        return found
    }

    /// Waits until requests can go through each of `names`. Throws what is missing after `seconds`.
    func wait(for names: [String], seconds: Int) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            var missing: WaypointView?
            for name in names where missing == nil {
                let view = try await one(name)
                if !view.isProgrammed { missing = view }
            }
            guard let missing else { return }
            guard ContinuousClock.now < end else {
                throw CommandFailure(
                    "the waypoint \(missing.reference) is not ready after \(seconds) s: \(missing.condition.message)",
                    next: try await WaypointGrants(client: client).remedy(missing))
            }
            // Whether one can serve depends on lists of two kinds, so it is asked anew instead of watched; `end` bounds the wait.
            try await Task.sleep(for: Self.interval)
        }
    }
}
