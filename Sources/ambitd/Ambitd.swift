import ArgumentParser
import MeshModel

/// The control process: identities, policy, configuration.
@main
struct Ambitd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ambitd", abstract: "The control process of an Ambit mesh: identities, policy, configuration.",
        version: Release.version, subcommands: [Serve.self, IssueNode.self])
}
