import ArgumentParser
import MeshModel

/// `ambitctl token create`.
struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes a token for one node; it is shown once and works once.",
        discussion: """
            The token names the node and proves ambitd to it; whoever has it can join as that node until it expires. Hand it \
            over as you would a password.
            """)

    @Option(help: "Name of the node that will join.")
    var node: String

    @Option(
        name: .customLong("allow"), parsing: .singleValue,
        help: "An identity that the node may host, NAMESPACE/SERVICEACCOUNT, * for any; repeat it for more.")
    var allowed: [String] = []

    @Option(name: .customLong("ttl"), help: "How long it may be used: 30m, 1h, 2d.")
    var life: ShortDuration = ShortDuration(seconds: 3_600)

    @Flag(help: "The node may take the place of one of the same name, which is cut off then.")
    var replace = false

    @Option(name: .shortAndLong, help: "table, json or yaml.")
    var output: OutputFormat = .table

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        try output.require(oneOf: [.table, .json, .yaml])
        guard !allowed.isEmpty else {
            throw ValidationError(
                "--allow: name at least one identity that the node may host, for instance --allow shop/web")
        }
    }

    func run() async throws {
        let terminal = Terminal.current
        let body = JSONValue(members: [
            ("node", .string(node)), ("allow", .array(allowed.map { .string($0) })),
            ("ttlSeconds", .int(Int64(life.seconds))), ("replace", .bool(replace)),
        ])
        let value = try await connection.administer(
            APIRequest(.post, "/ambit/v1/tokens", body: body.compactText), "token for node \(node)")
        if let text = output.text(value) { return terminal.write(text) }
        let token = value["token"]?.asString ?? ""
        let address = value["addresses"]?.strings.first ?? "ADDRESS"
        let quote = token.contains("[") ? "'" : ""
        terminal.printErrorLine(
            "token \(value["id"]?.asString ?? "") for node \(node), which may host \(allowed.joined(separator: ", ")); it works once, until "
                + "\(value["expires"]?.asString ?? "")")
        terminal.printErrorLine("on \(node), as root:")
        terminal.printLine("ambitctl join \(quote)\(address)\(quote) --token \(quote)\(token)\(quote)")
    }
}
