import ArgumentParser
import MeshModel

/// `ambitctl token list`.
struct TokenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists join tokens, without what would let somebody use them.", aliases: ["ls"])

    @Option(name: .shortAndLong, help: "table, json or yaml.")
    var output: OutputFormat = .table

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        try output.require(oneOf: [.table, .json, .yaml])
    }

    func run() async throws {
        let terminal = Terminal.current
        let value = try await connection.administer(APIRequest(.fetch, "/ambit/v1/tokens"), "tokens")
        if let text = output.text(value) { return terminal.write(text) }
        let now = terminal.now()
        let tokens = value["items"]?.elements ?? []
        guard !tokens.isEmpty else { return terminal.printLine("There is no join token.") }
        let table = Table(
            ["ID", "NODE", "STATE", "EXPIRES", "USED FROM", "ALLOWED"],
            rows: tokens.map { token in
                [
                    token["id"]?.asString ?? "", token["node"]?.asString ?? "", token["state"]?.asString ?? "",
                    Age.text(until: token["expires"]?.asString, now: now), token["usedFrom"]?.asString ?? "",
                    (token["grants"]?.strings ?? []).joined(separator: ","),
                ]
            })
        terminal.write(table.text())
    }
}
