import ArgumentParser
import MeshModel

/// `ambitctl gateway apply`: makes a gateway, or changes what it is selected by.
struct GatewayApply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Makes a gateway in a namespace.",
        discussion: """
            A gateway is a Service; hosts run it as ambit-gateway@NAME.NAMESPACE.service and open the ports of the Gateways that \
            select its labels. Each of them must be granted the identity NAMESPACE/NAME: --node does that. Secrets that Gateways \
            name are read from its namespace.
            """)

    @Argument(help: "Name of the gateway, such as istio-ingressgateway.")
    var name: String

    @Option(help: "What Gateways select it by; else app=NAME and istio=NAME without istio- before it.")
    var labels: LabelList?

    @Option(
        name: .customLong("port"), parsing: .singleValue,
        help: "A port by which workloads of the mesh call its Service, NAME:NUMBER; else http:80 and https:443.")
    var port: [NamedPort] = []

    @Option(parsing: .singleValue, help: "A node that may run it; repeat it for more.")
    var node: [String] = []

    @Flag(help: "Wait until a host serves it.")
    var wait = false

    @Option(name: .customLong("gateway-timeout"), help: "How long to wait: 90s, 5m.")
    var timeout = ShortDuration(seconds: 90)

    @OptionGroup var namespace: NamespaceOptions

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let terminal = Terminal.current
        try await connection.withClient { client in
            let home = namespace.namespace ?? client.kubeconfig.namespace ?? "default"
            let service = GatewayService(
                namespace: home, name: name, labels: labels?.labels ?? [],
                ports: port.map { GatewayService.Port(name: $0.name, number: $0.port) })
            try await check(service, client)
            try await apply(service, client, terminal)
            let query = GatewayQuery(client: client, namespace: home)
            guard wait else {
                let view = try await query.one(name)
                guard !view.isProgrammed else { return }
                return terminal.printLine("next: " + (try await WaypointGrants(client: client).remedy(view)))
            }
            try await query.wait(for: [name], seconds: timeout.seconds)
            terminal.printLine("gateway \(home)/\(name) is ready")
        }
    }

    /// Before anything is changed: the namespace is there, and the name is no other Service's.
    private func check(_ service: GatewayService, _ client: APIClient) async throws {
        let home = ResourceReference(kind: .namespace, namespace: nil, name: service.namespace)
        guard try await object(home, client) != nil else {
            throw CommandFailure(
                "there is no namespace \(service.namespace)",
                next: "make it, then run this again: apply a document of kind Namespace with that name")
        }
        guard let present = try await object(service.reference, client) else { return }
        guard present["metadata"]?["labels"]?[GatewayMarks.service] != nil else {
            throw CommandFailure(
                "\(service.reference) is there\(service.reference.place), and is no gateway; nothing was changed",
                next: "choose another name")
        }
    }

    private func object(_ reference: ResourceReference, _ client: APIClient) async throws -> JSONValue? {
        do {
            return try await client.sendUnlessMissing(APIRequest(.fetch, reference.path))?.value
        } catch let refusal as APIRefusal {
            throw refusal.failure("\(reference)")
        }
    }

    private func apply(_ service: GatewayService, _ client: APIClient, _ terminal: Terminal) async throws {
        do {
            let outcome = try await ServerSideApply(client: client, isDryRun: false).apply(
                CheckedDocument(reference: service.reference, object: service.document, warnings: []))
            for warning in outcome.warnings { terminal.printErrorLine("warning: \(warning)") }
            let labels = service.labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            terminal.printLine(
                "gateway \(service.namespace)/\(name) \(outcome.change.rawValue), selected by \(labels)")
        } catch let refusal as APIRefusal {
            throw refusal.failure("gateway \(service.namespace)/\(name)")
        }
        for node in node {
            try await WaypointGrants(client: client).allow(node, "\(service.namespace)/\(name)")
            terminal.printLine("node \(node) may run it")
        }
    }
}
