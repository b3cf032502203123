import ArgumentParser

/// `ambitctl waypoint list`, with istioctl's columns.
struct WaypointList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists waypoints.", aliases: ["ls"])

    @Flag(name: [.customShort("A"), .customLong("all-namespaces")], help: "Of all namespaces.")
    var allNamespaces = false

    @OptionGroup var namespace: NamespaceOptions

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let terminal = Terminal.current
        try await connection.withClient { client in
            let home = namespace.namespace ?? client.kubeconfig.namespace ?? "default"
            let views = try await WaypointQuery(client: client, namespace: allNamespaces ? nil : home).all()
            guard !views.isEmpty else { return terminal.printLine("No waypoints found.") }
            // Istio's revisions are control planes side by side; there is one.
            let table = Table(
                ["NAME", "REVISION", "TRAFFIC TYPE", "PROGRAMMED"],
                rows: views.map { [$0.name, "default", $0.traffic, $0.isProgrammed ? "True" : "False"] })
            terminal.write(
                (allNamespaces ? table.prefixed(by: "NAMESPACE", cells: views.map(\.namespace)) : table).text())
        }
    }
}
