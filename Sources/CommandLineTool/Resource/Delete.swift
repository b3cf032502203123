import ArgumentParser
import MeshModel

/// `ambitctl delete`: removes resources by name, or those that files name (the last first).
struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Deletes resources.",
        discussion: "ambitctl delete service web | service/web ap/allow-web | -f shop.yaml")

    @Argument(help: "KIND NAME..., or KIND/NAME...")
    var words: [String] = []

    @OptionGroup var input: InputOptions

    @OptionGroup var namespace: NamespaceOptions

    @Flag(name: .customLong("ignore-not-found"), help: "What is not there counts as deleted.")
    var ignoreNotFound = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if words.isEmpty == input.filenames.isEmpty {
            throw ValidationError("Give either KIND NAME or -f.")
        }
    }

    func run() async throws {
        let terminal = Terminal.current
        let arguments = words.isEmpty ? nil : try ResourceArguments(words)
        if let item = arguments?.items.first(where: { $0.name == nil }) {
            throw CommandFailure(
                "which \(item.kind.plural)?", next: "name them: ambitctl delete \(item.kind.plural) NAME",
                status: .usage)
        }
        try await connection.withClient { client in
            let fallback = client.kubeconfig.namespace ?? "default"
            let references: [ResourceReference]
            if let arguments {
                references = arguments.items.compactMap { item in
                    item.name.map {
                        ResourceReference(kind: item.kind, namespace: namespace.namespace ?? fallback, name: $0)
                    }
                }
            } else {
                references = try named(fallback: fallback, terminal: terminal)
            }
            try await delete(references, with: client, terminal: terminal)
        }
    }

    /// What the files name. Only kind and name are read: an object that is no longer valid can be deleted, too.
    private func named(fallback: String, terminal: Terminal) throws -> [ResourceReference] {
        let contents = try InputFiles.read(
            input.filenames, recursive: input.recursive, terminal: terminal)
        var problems = contents.problems
        var references: [ResourceReference] = []
        for document in contents.documents.flatMap(DocumentCheck.items) {
            guard let word = document.value["kind"]?.asString, let kind = try? KindNames.kind(word),
                let name = document.value["metadata"]?["name"]?.asString
            else {
                problems.append(
                    document.problem(
                        .root, value: nil, "names no resource that there is", "give it a known kind and metadata.name"))
                continue
            }
            let given = document.value["metadata"]?["namespace"]?.asString
            references.append(
                ResourceReference(kind: kind, namespace: given ?? namespace.namespace ?? fallback, name: name))
        }
        guard problems.isEmpty else {
            contents.sorted(problems).forEach { terminal.printErrorLine($0.text) }
            throw CommandFailure("nothing was deleted", status: .data)
        }
        return references.reversed()
    }

    /// Goes on after what is missing, so that the rest is deleted; any other refusal ends it.
    private func delete(
        _ references: [ResourceReference], with client: APIClient, terminal: Terminal
    ) async throws {
        var missing = false
        for reference in references {
            do {
                if try await client.sendUnlessMissing(APIRequest(.remove, reference.path)) != nil {
                    terminal.printLine("\(reference) deleted")
                } else if !ignoreNotFound {
                    missing = true
                    terminal.printErrorLine("error: \(reference) not found\(reference.place)")
                }
            } catch let refusal as APIRefusal {
                throw refusal.failure("\(reference)\(reference.place)")
            }
        }
        if missing {
            throw CommandFailure(
                nil, next: "see what there is with: ambitctl get all -A (or add --ignore-not-found)")
        }
    }
}
