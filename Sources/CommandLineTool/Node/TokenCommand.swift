import ArgumentParser

/// `ambitctl token`: what lets a new host join.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes, lists and deletes the tokens that new nodes join with.",
        subcommands: [TokenCreate.self, TokenList.self, TokenDelete.self], aliases: ["tokens"])
}
