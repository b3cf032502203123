import ArgumentParser

/// `ambitctl drain`: takes a workload of this host out of the endpoints of all nodes and waits until they know.
struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a workload of this host out of the endpoints, before it stops.",
        discussion: """
            New connections go elsewhere from then on; open ones go on, and the workload stays enrolled. Repeating the \
            command changes nothing. It fails if the mesh does not confirm within the time: the workload is drained on this \
            node all the same.
            """)

    @Argument(help: "The workload's name, or what it was enrolled as.")
    var target: String

    @Option(name: .shortAndLong, help: "Namespace of the workload, if several have that name.")
    var namespace: String?

    @Flag(
        help:
            "It is about to stop: the drain ends when ztunnel restarts, or with `ambitctl undrain`, which its start runs."
    )
    var stopping = false

    @OptionGroup var node: NodeOptions

    func validate() throws {
        if node.timeout < 0 { throw ValidationError("--timeout must not be negative.") }
    }

    func run() async throws {
        let client = node.client
        let workload = try await WorkloadChoice.find(target, kind: nil, namespace: namespace, on: client)
        let title = "workload \(workload.namespace)/\(workload.name)"
        // ztunnel waits at most ten seconds.
        if let problem = try await client.drain(
            namespace: workload.namespace, name: workload.name, seconds: min(node.timeout, 10), isStopping: stopping)
        {
            throw CommandFailure(
                "\(title) is drained on this node, but other nodes may still send to it: \(problem)",
                next: "check that ambitd runs: ambitctl status")
        }
        Terminal.current.printLine("\(title) drained: no node sends new connections to it")
    }
}
