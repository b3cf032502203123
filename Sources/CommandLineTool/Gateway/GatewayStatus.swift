import ArgumentParser

/// `ambitctl gateway status`: the conditions of gateways, with the columns of `waypoint status`.
struct GatewayStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows whether gateways are ready, and which servers of their Gateways fail.")

    @Argument(help: "Name of the gateway; else all of the namespace.")
    var name: String?

    @Flag(help: "Wait until a host serves it; else end with an error.")
    var wait = false

    @Option(name: .customLong("gateway-timeout"), help: "How long to wait: 90s, 5m.")
    var timeout = ShortDuration(seconds: 90)

    @OptionGroup var namespace: NamespaceOptions

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let terminal = Terminal.current
        try await connection.withClient { client in
            let home = namespace.namespace ?? client.kubeconfig.namespace ?? "default"
            let query = GatewayQuery(client: client, namespace: home)
            terminal.write(try await query.status(of: name, waiting: wait ? timeout.seconds : nil))
        }
    }
}
