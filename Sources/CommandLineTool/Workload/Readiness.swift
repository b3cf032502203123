/// Waits until ztunnel says that a workload takes part in the mesh, or the time is over.
enum Readiness {
    /// How often ztunnel is asked.
    static let interval = Duration.milliseconds(100)

    /// The workload's last known state: ready, or what it was at the deadline.
    static func wait(
        for workload: EnrolledWorkload, on client: NodeClient, seconds: Int
    ) async throws -> EnrolledWorkload {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: .seconds(seconds))
        var latest = workload
        while !latest.isReady, clock.now < deadline {
            try await clock.sleep(for: interval)
            let all = try await client.enrolled()
            guard let found = all.first(where: { $0.namespace == workload.namespace && $0.name == workload.name })
            else {
                throw CommandFailure(
                    "workload \(workload.namespace)/\(workload.name) was withdrawn while it was being enrolled",
                    next: "run the command again")
            }
            latest = found
        }
        return latest
    }
}
