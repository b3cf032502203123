import ArgumentParser
import MeshModel

/// `ambitctl enroll list`: what is enrolled on this host, and what is wrong with it.
struct EnrollList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Shows what is enrolled on this host.")

    @Option(name: .shortAndLong, help: "Output format: table, json or yaml.")
    var output: OutputFormat = .table

    @OptionGroup var node: NodeOptions

    func validate() throws {
        try output.require(oneOf: [.table, .json, .yaml])
    }

    func run() async throws {
        let terminal = Terminal.current
        let answer = try await node.client.enrolments()
        if let text = output.text(answer) { return terminal.write(text) }
        let workloads = (answer["enrolments"]?.elements ?? []).map(EnrolledWorkload.init)
        terminal.write(Self.table(workloads).text())
        for problem in answer["problems"]?.strings ?? [] { terminal.printLine("problem: \(problem)") }
    }

    /// One line a workload.
    static func table(_ workloads: [EnrolledWorkload]) -> Table {
        Table(
            ["NAMESPACE", "NAME", "KIND", "TARGET", "ADDRESSES", "PORTS", "STATE"],
            rows: workloads.map { workload in
                [
                    workload.namespace, workload.name, workload.kind, workload.target,
                    workload.addresses.joined(separator: ","), workload.ports,
                    workload.problem ?? workload.note ?? workload.missing.first?.what ?? "ready",
                ]
            })
    }
}
