import ArgumentParser

/// The control process: identities, policy, configuration.
@main
struct Ambitd: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "ambitd", abstract: "The control process of an Ambit mesh: identities, policy, configuration.",
        version: version, subcommands: [Serve.self, IssueNode.self])
}
