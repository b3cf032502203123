import ArgumentParser

/// What all kinds of withdrawal have in common.
struct WithdrawalOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Namespace of the workload, if several have that name.")
    var namespace: String?

    @OptionGroup var node: NodeOptions

    /// Finds the workload by what was enrolled, else by its name, and takes it out.
    func withdraw(_ kind: TargetKind, _ target: String) async throws {
        let client = node.client
        let workload = try await WorkloadChoice.find(target, kind: kind, namespace: namespace, on: client)
        guard try await client.withdraw(namespace: workload.namespace, name: workload.name) else {
            throw CommandFailure(
                "workload \(workload.namespace)/\(workload.name) was withdrawn meanwhile", next: "nothing to do")
        }
        Terminal.current.printLine("workload \(workload.namespace)/\(workload.name) unenrolled")
    }
}
