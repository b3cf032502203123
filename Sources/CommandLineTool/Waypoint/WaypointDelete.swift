import ArgumentParser
import MeshModel

/// `ambitctl waypoint delete`.
struct WaypointDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Deletes waypoints.",
        discussion:
            "Traffic of what still names a deleted waypoint goes without it, and its L7 policies are not enforced.")

    @Argument(help: "Names of waypoints.")
    var names: [String] = []

    @Flag(help: "All of the namespace.")
    var all = false

    @OptionGroup var namespace: NamespaceOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if names.isEmpty != all { throw ValidationError("Give either names or --all.") }
    }

    func run() async throws {
        let terminal = Terminal.current
        try await connection.withClient { client in
            let home = namespace.namespace ?? client.kubeconfig.namespace ?? "default"
            let query = WaypointQuery(client: client, namespace: home)
            let present = try await query.all()
            guard !(all && present.isEmpty) else { return terminal.printLine("No waypoints found.") }
            var views = present
            if !all {
                views = []
                for name in names { views.append(try await query.one(name)) }
            }
            for view in views { try await delete(view, client, terminal) }
        }
    }

    private func delete(_ view: WaypointView, _ client: APIClient, _ terminal: Terminal) async throws {
        let users = try await users(of: view, client)
        let reference = ResourceReference(kind: .service, namespace: view.namespace, name: view.name)
        do {
            _ = try await client.sendUnlessMissing(APIRequest(.remove, reference.path))
        } catch let refusal as APIRefusal {
            throw refusal.failure("waypoint \(view.reference)")
        }
        terminal.printLine("waypoint \(view.reference) deleted")
        if !users.isEmpty {
            terminal.printErrorLine(
                "warning: \(users.joined(separator: ", ")) still named it: traffic goes without it now; take the label "
                    + "\(WaypointService.useLabel) off")
        }
        guard !view.nodes.isEmpty else { return }
        terminal.printLine("next: on \(view.nodes.joined(separator: ", ")): systemctl disable --now \(view.unit)")
    }

    /// What names the waypoint by its own label, wherever it is.
    private func users(of view: WaypointView, _ client: APIClient) async throws -> [String] {
        let query = ResourceQuery(client: client, namespace: nil)
        var users: [String] = []
        for kind in [ResourceKind.namespace, .service, .serviceEntry, .workloadEntry] {
            for object in try await query.list(kind).objects {
                let metadata = object["metadata"]
                let labels = metadata?["labels"]?.stringMap ?? [:]
                let name = metadata?["name"]?.asString ?? ""
                let home = kind == .namespace ? name : metadata?["namespace"]?.asString ?? ""
                guard labels[WaypointService.useLabel] == view.name,
                    (labels[WaypointService.useNamespaceLabel] ?? home) == view.namespace
                else { continue }
                users.append("\(kind.singular) \(kind == .namespace ? name : "\(home)/\(name)")")
            }
        }
        return users.sorted()
    }
}
