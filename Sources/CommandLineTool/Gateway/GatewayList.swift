import ArgumentParser

/// `ambitctl gateway list`.
struct GatewayList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists gateways, the ports of their Gateways, and what they lack to serve.",
        aliases: ["ls"])

    @Flag(name: [.customShort("A"), .customLong("all-namespaces")], help: "Of all namespaces.")
    var allNamespaces = false

    @OptionGroup var namespace: NamespaceOptions

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let terminal = Terminal.current
        try await connection.withClient { client in
            let home = namespace.namespace ?? client.kubeconfig.namespace ?? "default"
            let views = try await GatewayQuery(client: client, namespace: allNamespaces ? nil : home).all()
            guard !views.isEmpty else { return terminal.printLine("No gateways found.") }
            let table = Table(
                ["NAME", "PROGRAMMED", "PORTS", "MESSAGE"],
                rows: views.map { view in
                    let ports = view.ports.map(String.init).joined(separator: ",")
                    return [
                        view.name, view.isProgrammed ? "True" : "False", ports.isEmpty ? "none" : ports,
                        view.replicas.contains { $0.problem != nil }
                            ? "\(view.programmed.message); \(view.servers.message)" : view.programmed.message,
                    ]
                })
            terminal.write(
                (allNamespaces ? table.prefixed(by: "NAMESPACE", cells: views.map(\.namespace)) : table).text())
        }
    }
}
