import ArgumentParser
import MeshModel

/// `ambitctl node list`.
struct NodeList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the nodes that joined the mesh.", aliases: ["ls"])

    @Option(name: .shortAndLong, help: "table, json or yaml.")
    var output: OutputFormat = .table

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        try output.require(oneOf: [.table, .json, .yaml])
    }

    func run() async throws {
        let terminal = Terminal.current
        let value = try await connection.administer(APIRequest(.fetch, "/ambit/v1/nodes"), "nodes")
        if let text = output.text(value) { return terminal.write(text) }
        let nodes = (value["items"]?.elements ?? []).map(MeshNode.init)
        guard !nodes.isEmpty else {
            terminal.printLine("No node has joined yet.")
            return terminal.printLine("next: ambitctl token create --node NAME --allow NAMESPACE/SERVICEACCOUNT")
        }
        let now = terminal.now()
        let table = Table(
            ["NODE", "STATE", "ADDRESS", "LAST SEEN", "VERSION", "WORKLOADS", "CERTIFICATE ENDS", "ALLOWED"],
            rows: nodes.map { node in
                [
                    node.name, node.state, node.status.address ?? "", node.lastSeen(now: now),
                    node.status.version ?? "", "\(node.workloads.count)",
                    Age.text(until: node.certificates.map(\.notAfter).max(), now: now),
                    node.grants.joined(separator: ","),
                ]
            })
        terminal.write(table.text())
    }
}
