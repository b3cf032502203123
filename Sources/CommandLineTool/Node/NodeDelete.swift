import ArgumentParser

/// `ambitctl node delete`: cuts a node off and frees its name.
struct NodeDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Cuts a node off and forgets it; its name may join again.", aliases: ["rm"])

    @Argument(help: "Name of the node.")
    var node: String

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let value = try await connection.administer(APIRequest(.remove, "/ambit/v1/nodes/\(node)"), "node \(node)")
        Terminal.current.printLine("node \(node) deleted\(NodeRevoke.workloads(value))")
    }
}
