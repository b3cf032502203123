import ArgumentParser

/// `ambitctl token delete`.
struct TokenDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Makes a join token useless.", aliases: ["rm"])

    @Argument(help: "Id of the token, as `ambitctl token list` shows it.")
    var id: String

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard !id.isEmpty, id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) else {
            throw ValidationError("\"\(id)\" is no token's id; see them with: ambitctl token list.")
        }
    }

    func run() async throws {
        _ = try await connection.administer(APIRequest(.remove, "/ambit/v1/tokens/\(id)"), "token \(id)")
        Terminal.current.printLine("token \(id) deleted")
    }
}
