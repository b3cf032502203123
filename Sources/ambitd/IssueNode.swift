import ArgumentParser
import ControlPlane

/// `ambitd issue-node`: a node's certificate in files, for tests and labs; hosts join with `ambitctl join`.
struct IssueNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a certificate for a node to files, and grant it the identities that it may host.",
        discussion: "Works while `ambitd serve` runs. Repeating it renews the certificate and replaces the grants.")

    @Option(name: .customLong("state-dir"), help: "The state directory of `ambitd serve`.")
    var stateDirectory = "/var/lib/ambitd"

    @Option(help: "The node's name: what its ztunnel has as NODE_NAME.")
    var node: String

    @Option(
        name: .customLong("allow"), parsing: .singleValue,
        help: "An identity that the node may host, NAMESPACE/SERVICEACCOUNT, * for any; repeat it for more.")
    var allowed: [String] = []

    @Option(name: .customLong("out"), help: "The folder for node.crt, node.key and root.crt.")
    var folder: String

    func run() async throws {
        let grants = try allowed.map { text in
            guard let grant = NodeGrant(text) else {
                throw ValidationError(
                    "--allow: \"\(text)\" is no identity; write NAMESPACE/SERVICEACCOUNT, for instance shop/web")
            }
            return grant
        }
        guard !grants.isEmpty else {
            throw ValidationError(
                "--allow: name at least one identity that the node may host, for instance --allow shop/web")
        }
        let state = try await ControlState.openExisting(stateDirectory)
        try await state.issueNode(node, grants: grants, to: folder)
        print(
            "\(folder): node.crt, node.key and root.crt for \(node); it may host \(grants.map(\.description).joined(separator: ", "))"
        )
    }
}
