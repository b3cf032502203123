import ArgumentParser
import MeshModel

/// `ambitctl gateway delete`.
struct GatewayDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Deletes gateways.",
        discussion: "Hosts that run a deleted gateway close the ports of its Gateways.")

    @Argument(help: "Names of gateways.")
    var names: [String]

    @OptionGroup var namespace: NamespaceOptions

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let terminal = Terminal.current
        try await connection.withClient { client in
            let home = namespace.namespace ?? client.kubeconfig.namespace ?? "default"
            let query = GatewayQuery(client: client, namespace: home)
            var views: [GatewayView] = []
            for name in names { views.append(try await query.one(name)) }
            for view in views {
                let reference = ResourceReference(kind: .service, namespace: view.namespace, name: view.name)
                do {
                    _ = try await client.sendUnlessMissing(APIRequest(.remove, reference.path))
                } catch let refusal as APIRefusal {
                    throw refusal.failure("gateway \(view.reference)")
                }
                terminal.printLine("gateway \(view.reference) deleted")
                guard !view.nodes.isEmpty else { continue }
                terminal.printLine(
                    "next: on \(view.nodes.joined(separator: ", ")): systemctl disable --now \(view.unit)")
            }
        }
    }
}
