import ArgumentParser
import MeshModel

/// Reads the gateways of a namespace or of all, and waits until they serve.
struct GatewayQuery: Sendable {
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
        try await ProgrammedWait(client: client, noun: "gateway").wait(seconds: seconds) {
            let view = try await one(name)
            return view.isProgrammed ? nil : view
        }
    }
}
