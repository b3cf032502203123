import ArgumentParser
import MeshModel

/// `ambitctl node describe`.
struct NodeDescribe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Shows everything about one node.", aliases: ["get"])

    @Argument(help: "Name of the node.")
    var node: String

    @Option(name: .shortAndLong, help: "table, json or yaml.")
    var output: OutputFormat = .table

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        try output.require(oneOf: [.table, .json, .yaml])
    }

    func run() async throws {
        let terminal = Terminal.current
        let value = try await connection.administer(
            APIRequest(.fetch, "/ambit/v1/nodes/\(node)"), "node \(node)")
        if let text = output.text(value) { return terminal.write(text) }
        terminal.write(NodeDescription(MeshNode(value), now: terminal.now()).text)
    }
}
