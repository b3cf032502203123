import ArgumentParser
import MeshModel

/// `ambitctl describe`: one resource in words, and what it means for the mesh: what it selects, who serves it, which policies
/// apply, what is probably wrong.
struct Describe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explains one or several resources.",
        discussion: "ambitctl describe service web | svc/web | ap -n shop")

    @Argument(help: "KIND [NAME...], or KIND/NAME...")
    var words: [String]

    @OptionGroup var namespace: NamespaceOptions

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let terminal = Terminal.current
        let arguments = try ResourceArguments(words)
        try await connection.withClient { client in
            let place = namespace.namespace ?? client.kubeconfig.namespace ?? "default"
            let lists = try await ResourceQuery(client: client, namespace: place).lists(arguments.items)
            guard lists.contains(where: { !$0.objects.isEmpty }) else {
                terminal.printErrorLine("No resources found in namespace \"\(place)\".")
                return
            }
            // Selectors and policies reach across kinds and, from the root namespace, across namespaces. Secrets change
            // nothing that is described, and not everybody may read them.
            let everything = try await ResourceQuery(client: client, namespace: nil).lists(
                ResourceKind.allCases.filter { $0 != .secret }.map { ResourceArguments.Item(kind: $0, name: nil) })
            let mesh = MeshView(everything, trustDomain: await trustDomain(client))
            let texts = lists.flatMap { list in
                list.objects.map {
                    Explanation.text(of: Resource(kind: list.kind, object: $0), in: mesh, now: terminal.now())
                }
            }
            terminal.write(texts.joined(separator: "\n"))
        }
    }

    /// The mesh's trust domain; nil if this server does not tell it, which is no reason to describe nothing.
    private func trustDomain(_ client: APIClient) async -> String? {
        try? await client.send(APIRequest(.fetch, "/ambit/v1/status")).value?["trustDomain"]?.asString
    }
}
