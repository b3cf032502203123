/// Waits that end.
enum Deadline {
    struct Passed: Error {}

    /// The result of `body`, or `Passed` when it takes longer.
    static func within<T: Sendable>(
        _ duration: Duration, _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        try await withThrowingTaskGroup(of: T.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: duration)
                throw Passed()
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw Passed() }
            return first
        }
    }

    /// Returns when `condition` holds, within ten seconds.
    static func until(_ condition: @escaping @Sendable () async throws -> Bool) async throws {
        try await within(.seconds(10)) {
            while try await !condition() { try await Task.sleep(for: .milliseconds(2)) }
        }
    }
}
