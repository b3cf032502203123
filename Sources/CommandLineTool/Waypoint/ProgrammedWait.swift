/// Waits until waypoints or gateways serve.
struct ProgrammedWait: Sendable {
    /// How often it looks.
    private static let interval: Duration = .milliseconds(250)

    let client: APIClient
    /// What a person calls one.
    let noun: String

    /// Waits until `missing` finds none that does not serve. Throws what that one lacks after `seconds`.
    func wait(seconds: Int, missing: () async throws -> (some ReplicatedView)?) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while let view = try await missing() {
            guard ContinuousClock.now < end else {
                throw CommandFailure(
                    "the \(noun) \(view.reference) is not ready after \(seconds) s: \(view.condition.message)",
                    next: try await WaypointGrants(client: client).remedy(view))
            }
            // Whether one can serve depends on lists of several kinds, so it is asked anew instead of watched; `end` bounds the wait.
            try await Task.sleep(for: Self.interval)
        }
    }
}
