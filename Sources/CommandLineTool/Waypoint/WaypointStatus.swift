import ArgumentParser

/// `ambitctl waypoint status`, with istioctl's columns.
struct WaypointStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows whether waypoints are ready, and what is missing.")

    @Argument(help: "Name of the waypoint; else all of the namespace.")
    var name: String?

    @Flag(help: "Wait until they are ready; else end with an error.")
    var wait = false

    @Option(name: .customLong("waypoint-timeout"), help: "How long to wait: 90s, 5m.")
    var timeout = ShortDuration(seconds: 90)

    @OptionGroup var namespace: NamespaceOptions

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let terminal = Terminal.current
        try await connection.withClient { client in
            let home = namespace.namespace ?? client.kubeconfig.namespace ?? "default"
            let query = WaypointQuery(client: client, namespace: home)
            terminal.write(try await query.status(of: name, waiting: wait ? timeout.seconds : nil))
        }
    }
}
