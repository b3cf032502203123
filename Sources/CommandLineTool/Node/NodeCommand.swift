import ArgumentParser

/// `ambitctl node`: who the nodes of the mesh are, and what they may.
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Shows, limits and cuts off the nodes of the mesh.",
        subcommands: [
            NodeList.self, NodeDescribe.self, NodeAllow.self, NodeDisallow.self, NodeRevoke.self, NodeDelete.self,
        ], aliases: ["nodes"])
}
