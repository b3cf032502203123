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
            func views() async throws -> [GatewayView] {
                if let name { return [try await query.one(name)] }
                return try await query.all()
            }
            let present = try await views()
            guard !present.isEmpty else { return terminal.printLine("No gateways found.") }
            if wait {
                for view in present { try await query.wait(for: view.name, seconds: timeout.seconds) }
            }
            let table = Table(
                ["NAME", "STATUS", "TYPE", "REASON", "MESSAGE"],
                rows: (wait ? try await views() : present).flatMap { view in
                    let (condition, servers) = (view.condition, view.servers)
                    return [
                        [
                            view.name, view.isProgrammed ? "True" : "False", "Programmed", condition.reason,
                            condition.message,
                        ],
                        [
                            view.name, servers.isReady ? "True" : "False", "ServersReady", servers.reason,
                            servers.message,
                        ],
                    ]
                })
            terminal.write(table.text())
        }
    }
}
