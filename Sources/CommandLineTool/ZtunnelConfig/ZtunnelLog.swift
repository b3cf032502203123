import ArgumentParser

/// `ambitctl ztunnel-config log`: shows or changes what ztunnel logs, until it restarts.
struct ZtunnelLog: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Shows or changes ztunnel's log level.",
        aliases: ["logs", "logging"])

    @Option(name: .customLong("admin-address"), help: "HOST:PORT of ztunnel's admin pages.")
    var address: String = AdminOptions.defaultAddress

    @Option(help: "A level (error, warn, info, debug, trace), or SCOPE=LEVEL pairs: access=debug,xds=trace.")
    var level: String?

    @Flag(help: "Return to the level of the start.")
    var reset = false

    func run() async throws {
        var query: [(name: String, value: String)] = []
        if reset { query.append(("reset", "true")) }
        if let level { query.append(("level", level)) }
        let answer = try await LocalClient.admin(address: address).send(.post, "/logging", query: query)
        let text = String(decoding: answer.body, as: UTF8.self)
        Terminal.current.write(text.hasSuffix("\n") ? text : text + "\n")
    }
}
