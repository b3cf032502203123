import ArgumentParser
import MeshModel

/// `ambitctl status`: which nodes are connected, whether they have what they should, and when certificates end.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows the nodes of the mesh: connection, sync state, certificates.",
        discussion: """
            SYNCED: the node confirmed the newest configuration. STALE: it was sent and not yet confirmed. REJECTED: \
            the node refused it and keeps the last good one. NOT SENT: the node did not ask for it.
            """,
        aliases: ["proxy-status", "ps"])

    @Argument(help: "Only this node.")
    var node: String?

    @Option(name: .shortAndLong, help: "table, json or yaml.")
    var output: OutputFormat = .table

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        try output.require(oneOf: [.table, .json, .yaml])
    }

    func run() async throws {
        let terminal = Terminal.current
        let value = try await fetch()
        if let text = output.text(value) {
            terminal.write(text)
            return
        }
        let nodes = (value["nodes"]?.elements ?? []).map(NodeStatus.init)
        if let node, nodes.isEmpty {
            throw CommandFailure(
                "ambitd knows no node \(node)",
                next: "see all with: ambitctl status; a node appears when its ztunnel first connects")
        }
        terminal.write(StatusReport(value, nodes: nodes, now: terminal.now()).text)
    }

    private func fetch() async throws -> JSONValue {
        let value: JSONValue
        do {
            value = try await connection.withClient { client in
                guard let value = try await client.send(APIRequest(.fetch, "/ambit/v1/status")).value else {
                    throw CommandFailure(
                        "\(client.kubeconfig.server) did not answer with a status",
                        next: "check that this server is ambitd and as new as this ambitctl")
                }
                return value
            }
        } catch let refusal as APIRefusal {
            throw refusal.failure("status")
        }
        guard let node else { return value }
        let nodes = (value["nodes"]?.elements ?? []).filter { $0["name"]?.asString == node }
        return JSONValue(members: value.members.map { $0.name == "nodes" ? ($0.name, .array(nodes)) : $0 })
    }
}
