import ArgumentParser
import MeshModel

/// Reads the waypoints of a namespace or of all, and waits until they can serve.
struct WaypointQuery: Sendable {
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
        try await ProgrammedWait(client: client, noun: "waypoint").wait(seconds: seconds) {
            for name in names {
                let view = try await one(name)
                if !view.isProgrammed { return view }
            }
            return nil
        }
    }
}
