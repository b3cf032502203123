import ArgumentParser

/// `ambitctl unenroll netns`: takes a network namespace out of the mesh and leaves nothing behind in it.
struct UnenrollNetns: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "netns", abstract: "Takes a network namespace out of the mesh.")

    @Argument(help: "The network namespace as it was enrolled, or the workload's name.")
    var target: String

    @Option(name: .shortAndLong, help: "Namespace of the workload, if several have that name.")
    var namespace: String?

    @OptionGroup var node: NodeOptions

    func run() async throws {
        let client = node.client
        let enrolled = try await client.enrolled().filter { namespace == nil || $0.namespace == namespace }
        let byTarget = enrolled.filter { $0.target == target }
        let found = byTarget.isEmpty ? enrolled.filter { $0.name == target } : byTarget
        guard let workload = found.first else {
            let known = enrolled.map { "\($0.namespace)/\($0.name) (\($0.target))" }.sorted().joined(separator: ", ")
            throw CommandFailure(
                "\(target) is not enrolled on this host",
                next: known.isEmpty ? "nothing is enrolled here" : "choose one of: \(known)")
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
