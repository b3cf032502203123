import ArgumentParser
import MeshModel

/// `ambitctl waypoint apply`: makes a waypoint, or changes what it takes.
struct WaypointApply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Makes a waypoint in a namespace.",
        discussion: """
            A waypoint is a Service; hosts run it as ambit-waypoint@NAME.NAMESPACE.service, several of them share the load. Each \
            of them must be granted the identity NAMESPACE/NAME: --node does that.
            """)

    @Option(help: "Name of the waypoint.")
    var name = WaypointService.defaultName

    @Option(name: .customLong("for"), help: "What it takes: traffic to services, to workloads, all, or none.")
    var traffic: WaypointService.Traffic = .service

    @Flag(name: .customLong("enroll-namespace"), help: "Label the namespace to use the waypoint.")
    var enrollNamespace = false

    @Flag(help: "With --enroll-namespace: even if the namespace uses another waypoint.")
    var overwrite = false

    @Option(parsing: .singleValue, help: "A node that may run it; repeat it for more.")
    var node: [String] = []

    @Flag(help: "Wait until a host serves it.")
    var wait = false

    @Option(name: .customLong("waypoint-timeout"), help: "How long to wait: 90s, 5m.")
    var timeout = ShortDuration(seconds: 90)

    @OptionGroup var namespace: NamespaceOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if overwrite, !enrollNamespace { throw ValidationError("--overwrite goes with --enroll-namespace.") }
    }

    func run() async throws {
        let terminal = Terminal.current
        try await connection.withClient { client in
            let home = namespace.namespace ?? client.kubeconfig.namespace ?? "default"
            let service = WaypointService(namespace: home, name: name, traffic: traffic)
            try await check(service, client)
            try await apply(service, client, terminal)
            let query = WaypointQuery(client: client, namespace: home)
            guard wait else {
                let view = try await query.one(name)
                guard !view.isProgrammed else { return }
                return terminal.printLine("next: " + (try await WaypointGrants(client: client).remedy(view)))
            }
            try await query.wait(for: [name], seconds: timeout.seconds)
            terminal.printLine("waypoint \(home)/\(name) is ready")
        }
    }

    /// Before anything is changed: the namespace is there and free, and the name is no other Service's.
    private func check(_ service: WaypointService, _ client: APIClient) async throws {
        let labels = try await labels(
            ResourceReference(kind: .namespace, namespace: nil, name: service.namespace), client)
        guard let labels else {
            throw CommandFailure(
                "there is no namespace \(service.namespace)",
                next: "make it, then run this again: apply a document of kind Namespace with that name")
        }
        if enrollNamespace, !overwrite, let used = labels[WaypointService.useLabel], used != name {
            throw CommandFailure(
                "namespace \(service.namespace) uses the waypoint \(used) already; nothing was changed",
                next: "add --overwrite to let it use \(name)")
        }
        guard let present = try await self.labels(service.reference, client) else { return }
        guard present[WaypointService.trafficLabel] != nil else {
            throw CommandFailure(
                "\(service.reference) is there\(service.reference.place), and is no waypoint; nothing was changed",
                next: "choose another name with --name")
        }
    }

    private func labels(_ reference: ResourceReference, _ client: APIClient) async throws -> [String: String]? {
        do {
            let object = try await client.sendUnlessMissing(APIRequest(.fetch, reference.path))?.value
            return object.map { $0["metadata"]?["labels"]?.stringMap ?? [:] }
        } catch let refusal as APIRefusal {
            throw refusal.failure("\(reference)")
        }
    }

    private func apply(_ service: WaypointService, _ client: APIClient, _ terminal: Terminal) async throws {
        do {
            let outcome = try await ServerSideApply(client: client, isDryRun: false).apply(
                CheckedDocument(reference: service.reference, object: service.document, warnings: []))
            for warning in outcome.warnings { terminal.printErrorLine("warning: \(warning)") }
            terminal.printLine("waypoint \(service.namespace)/\(name) \(outcome.change.rawValue)")
            if enrollNamespace { try await enroll(service, client, terminal) }
        } catch let refusal as APIRefusal {
            throw refusal.failure("waypoint \(service.namespace)/\(name)")
        }
        for node in node {
            try await WaypointGrants(client: client).allow(node, "\(service.namespace)/\(name)")
            terminal.printLine("node \(node) may run it")
        }
    }

    private func enroll(_ service: WaypointService, _ client: APIClient, _ terminal: Terminal) async throws {
        let reference = ResourceReference(kind: .namespace, namespace: nil, name: service.namespace)
        // A waypoint of another namespace is this one's no longer.
        let labels = JSONValue(members: [
            (WaypointService.useLabel, .string(name)), (WaypointService.useNamespaceLabel, .null),
        ])
        let patch = JSONValue(members: [("metadata", JSONValue(members: [("labels", labels)]))])
        _ = try await client.send(
            APIRequest(
                .patch, reference.path, body: patch.compactText, contentType: "application/merge-patch+json"))
        terminal.printLine("namespace \(service.namespace) labeled with \"\(WaypointService.useLabel): \(name)\"")
    }
}
