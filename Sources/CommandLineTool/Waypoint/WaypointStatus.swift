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
            func views() async throws -> [WaypointView] {
                if let name { return [try await query.one(name)] }
                return try await query.all()
            }
            let present = try await views()
            guard !present.isEmpty else { return terminal.printLine("No waypoints found.") }
            if wait { try await query.wait(for: present.map(\.name), seconds: timeout.seconds) }
            let table = Table(
                ["NAME", "STATUS", "TYPE", "REASON", "MESSAGE"],
                rows: (wait ? try await views() : present).map { view in
                    let condition = view.condition
                    return [
                        view.name, view.isProgrammed ? "True" : "False", "Programmed", condition.reason,
                        condition.message,
                    ]
                })
            terminal.write(table.text())
        }
    }
}
