/// Finds the enrolled workload that somebody means.
enum WorkloadChoice {
    /// The one that was enrolled as `target`, or that has that name; throws where there is none, or several. `kind` nil: of
    /// any kind.
    static func find(
        _ target: String, kind: TargetKind?, namespace: String?, on client: NodeClient
    ) async throws -> EnrolledWorkload {
        let enrolled = try await client.enrolled().filter { kind == nil || $0.kind == kind?.rawValue }
        let inNamespace = enrolled.filter { namespace == nil || $0.namespace == namespace }
        let byTarget = inNamespace.filter { workload in
            let suffix = TargetKind(rawValue: workload.kind)?.suffix
            return workload.target == target || workload.target == suffix.map { "\(target).\($0)" }
        }
        let found = byTarget.isEmpty ? inNamespace.filter { $0.name == target } : byTarget
        guard let workload = found.first else {
            let known = enrolled.map { "\($0.namespace)/\($0.name) (\($0.target))" }.sorted().joined(separator: ", ")
            throw CommandFailure(
                "\(target) is not enrolled on this host",
                next: known.isEmpty ? "see what is: ambitctl enroll list" : "choose one of: \(known)")
        }
        guard found.count == 1 else {
            let choices = found.map { "\($0.namespace)/\($0.name)" }.sorted().joined(separator: ", ")
            throw CommandFailure("\(target) means several workloads: \(choices)", next: "choose with --namespace")
        }
        return workload
    }
}
