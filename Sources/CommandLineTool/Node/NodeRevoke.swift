import ArgumentParser
import MeshModel

/// `ambitctl node revoke`: cuts a node off at once.
struct NodeRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Cuts a node off at once.",
        discussion: """
            Its connections to ambitd end and new ones are refused, its workloads leave the endpoints, and its peers end the \
            tunnels with its workloads' certificates and take no new ones. The name stays taken; `ambitctl node delete` frees it.
            """)

    @Argument(help: "Name of the node.")
    var node: String

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let value = try await connection.administer(
            APIRequest(.post, "/ambit/v1/nodes/\(node)/revoke"), "node \(node)")
        Terminal.current.printLine("node \(node) revoked\(NodeRevoke.workloads(value))")
    }

    /// How many workloads left with the node.
    static func workloads(_ value: JSONValue) -> String {
        switch value["workloads"]?.integer ?? 0 {
        case 0: ""
        case 1: ", 1 workload left the endpoints"
        case let count: ", \(count) workloads left the endpoints"
        }
    }
}
