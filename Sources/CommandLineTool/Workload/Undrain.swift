import ArgumentParser

/// `ambitctl undrain`: takes a drained workload back into the endpoints, as far as its probe allows.
struct Undrain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a drained workload of this host back into the endpoints.",
        discussion: "A workload whose WorkloadGroup has a probe takes traffic again when the probe succeeds.")

    @Argument(help: "The workload's name, or what it was enrolled as.")
    var target: String

    @Option(name: .shortAndLong, help: "Namespace of the workload, if several have that name.")
    var namespace: String?

    @Flag(help: "Only what `ambitctl drain --stopping` did.")
    var stopping = false

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let client = node.client
        let workload = try await WorkloadChoice.find(target, kind: nil, namespace: namespace, on: client)
        let isDrained = try await client.undrain(
            namespace: workload.namespace, name: workload.name, isStopping: stopping)
        let title = "workload \(workload.namespace)/\(workload.name)"
        Terminal.current.printLine(
            isDrained ? "\(title) stays drained: an administrator did that" : "\(title) is no longer drained")
    }
}
