import LinuxSystem

/// A thread of a test, for code that blocks.
enum TestThread {
    static func start(_ body: @escaping @Sendable () -> Void) {
        do {
            _ = try SystemThread(name: "test", body)
        } catch {
            preconditionFailure("no thread for the test: \(error)")
        }
    }
}
