/// How often somebody who waits looks again: soon enough for a person, and seldom enough for the control plane.
private let lookInterval: Duration = .milliseconds(250)

/// Reads the waypoints, or the gateways, of a namespace or of all, and waits until they serve.
protocol ReplicatedQuery: Sendable {
    associatedtype View: ReplicatedView

    /// What a person calls one.
    static var noun: String { get }
    /// The command that makes one, up to its name.
    static var making: String { get }

    var client: APIClient { get }
    /// Nil for all namespaces.
    var namespace: String? { get }

    /// All of them.
    func all() async throws -> [View]
}

extension ReplicatedQuery {
    /// The one called `name`.
    func one(_ name: String) async throws -> View {
        guard let found = try await all().first(where: { $0.name == name }) else {
            throw CommandFailure(
                "there is no \(Self.noun) \(name) in namespace \"\(namespace ?? "")\"",
                next: "see what there is: ambitctl \(Self.noun) list -A; or make it: ambitctl \(Self.making) \(name)"
                    + (namespace.map { " -n \($0)" } ?? ""))
        }
        return found
    }

    /// Waits until requests can go through each of `names`. Throws what is missing after `seconds`.
    func wait(for names: [String], seconds: Int) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while let view = try await firstMissing(names) {
            guard ContinuousClock.now < end else {
                throw CommandFailure(
                    "the \(Self.noun) \(view.reference) is not ready after \(seconds) s: \(view.programmed.message)",
                    next: try await WaypointGrants(client: client).remedy(view))
            }
            // Whether one can serve depends on lists of several kinds, so it is asked anew instead of watched; `end` bounds the wait.
            try await Task.sleep(for: lookInterval)
        }
    }

    private func firstMissing(_ names: [String]) async throws -> View? {
        for name in names {
            let view = try await one(name)
            if !view.isProgrammed { return view }
        }
        return nil
    }

    /// What `status` prints of the one called `name`, or of all; with `seconds` once they serve.
    func status(of name: String?, waiting seconds: Int?) async throws -> String {
        func views() async throws -> [View] {
            if let name { return [try await one(name)] }
            return try await all()
        }
        var found = try await views()
        guard !found.isEmpty else { return "No \(Self.noun)s found.\n" }
        if let seconds {
            try await wait(for: found.map(\.name), seconds: seconds)
            found = try await views()
        }
        // istioctl's columns.
        return Table(
            ["NAME", "STATUS", "TYPE", "REASON", "MESSAGE"],
            rows: found.flatMap { view in
                view.conditions.map { [view.name, $0.holds ? "True" : "False", $0.type, $0.reason, $0.message] }
            }
        ).text()
    }
}
