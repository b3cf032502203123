import ArgumentParser

/// What all kinds of withdrawal have in common.
struct WithdrawalOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Namespace of the workload, if several have that name.")
    var namespace: String?

    @OptionGroup var node: NodeOptions

    /// Finds the workload by what was enrolled, else by its name, and takes it out.
    func withdraw(_ kind: TargetKind, _ target: String) async throws {
        let client = node.client
        let enrolled = try await client.enrolled().filter { $0.kind == kind.rawValue }
        let inNamespace = enrolled.filter { namespace == nil || $0.namespace == namespace }
        let byTarget = inNamespace.filter { $0.target == target || $0.target == "\(target).\(kind.suffix)" }
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
        guard try await client.withdraw(namespace: workload.namespace, name: workload.name) else {
            throw CommandFailure(
                "workload \(workload.namespace)/\(workload.name) was withdrawn meanwhile", next: "nothing to do")
        }
        Terminal.current.printLine("workload \(workload.namespace)/\(workload.name) unenrolled")
    }
}
