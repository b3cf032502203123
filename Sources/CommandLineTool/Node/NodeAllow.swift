import ArgumentParser
import MeshModel

/// `ambitctl node allow`: lets a node host further identities.
struct NodeAllow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow", abstract: "Lets a node host workloads of further identities.",
        discussion: "ambitctl node allow host-1 shop/web shop/cart")

    @Argument(help: "Name of the node.")
    var node: String

    @Argument(help: "NAMESPACE/SERVICEACCOUNT, * for any name.")
    var identities: [String]

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.changeGrants(of: node, "allow", identities)
    }
}

/// `ambitctl node disallow`: takes identities away from a node.
struct NodeDisallow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disallow", abstract: "Takes identities away from a node.",
        discussion: """
            Its workloads of these identities leave the endpoints, and peers take their certificates no more, at once.
            """)

    @Argument(help: "Name of the node.")
    var node: String

    @Argument(help: "NAMESPACE/SERVICEACCOUNT, as `ambitctl node describe` shows it.")
    var identities: [String]

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.changeGrants(of: node, "disallow", identities)
    }
}

extension ConnectionOptions {
    /// Changes what a node may host, and prints what it may host then.
    fileprivate func changeGrants(of node: String, _ verb: String, _ identities: [String]) async throws {
        let body = JSONValue(members: [(verb, .array(identities.map { .string($0) }))])
        let value = try await administer(
            APIRequest(.post, "/ambit/v1/nodes/\(node)/grants", body: body.compactText), "node \(node)")
        let grants = value["grants"]?.strings ?? []
        let list = grants.isEmpty ? "nothing" : grants.joined(separator: ", ")
        Terminal.current.printLine("node \(node) may host \(list)")
    }
}
