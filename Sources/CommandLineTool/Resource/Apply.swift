import ArgumentParser
import MeshModel

/// `ambitctl apply -f`: makes the mesh have what the files say. All documents are checked first; then each is sent as a
/// server-side apply, namespaces before what is in them.
struct Apply: AsyncParsableCommand {
    /// How far a dry run goes.
    enum DryRun: String, ExpressibleByArgument, CaseIterable, Sendable {
        case none
        case client
        case server
    }

    static let configuration = CommandConfiguration(
        abstract: "Applies resources from files.",
        discussion: "If one document is bad, every problem is printed and nothing is applied.")

    @OptionGroup var input: InputOptions

    @OptionGroup var namespace: NamespaceOptions

    @Option(
        name: .customLong("dry-run"),
        help: "client: check offline and send nothing; server: let ambitd check, too, and store nothing.")
    var dryRun: DryRun = .none

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        try input.requireFiles()
    }

    func run() async throws {
        let terminal = Terminal.current
        guard dryRun != .client else {
            for document in try checked(fallback: "default", terminal: terminal) {
                terminal.printLine("\(document.reference) is valid (client dry run, nothing was sent)")
            }
            return
        }
        try await connection.withClient { client in
            let documents = try checked(fallback: client.kubeconfig.namespace ?? "default", terminal: terminal)
            try await apply(documents, with: client, terminal: terminal)
        }
    }

    private func checked(fallback: String, terminal: Terminal) throws(CommandFailure) -> [CheckedDocument] {
        try input.checkedDocuments(
            namespace: DocumentCheck.Namespace(explicit: namespace.namespace, fallback: fallback),
            end: "nothing was applied",
            terminal: terminal)
    }

    private func apply(
        _ documents: [CheckedDocument], with client: APIClient, terminal: Terminal
    ) async throws {
        try await requireNamespaces(of: documents, at: client)
        let applier = ServerSideApply(client: client, isDryRun: dryRun == .server)
        let suffix = dryRun == .server ? " (server dry run)" : ""
        for (position, document) in documents.enumerated() {
            do {
                let outcome = try await applier.apply(document)
                // The server has the same rules; it says more only if it knows more.
                for warning in outcome.warnings where !document.warnings.contains(where: { $0.hasSuffix(warning) }) {
                    terminal.printErrorLine("warning: \(document.reference): \(warning)")
                }
                terminal.printLine("\(document.reference) \(outcome.change.rawValue)\(suffix)")
            } catch {
                let failure =
                    (error as? APIRefusal)?.failure("\(document.reference)\(document.reference.place)")
                    ?? error as? CommandFailure
                guard let failure else { throw error }
                throw Self.interrupted(failure, at: position, of: documents)
            }
        }
    }

    /// A namespace that is neither there nor among the documents is found out before anything is applied.
    private func requireNamespaces(of documents: [CheckedDocument], at client: APIClient) async throws {
        let brought = Set(documents.filter { $0.reference.kind == .namespace }.map(\.reference.name))
        let needed = Set(documents.compactMap(\.reference.namespace)).subtracting(brought)
        for namespace in needed.sorted() {
            let reference = ResourceReference(kind: .namespace, namespace: nil, name: namespace)
            do {
                guard try await client.sendUnlessMissing(APIRequest(.fetch, reference.path)) == nil else { continue }
            } catch let refusal as APIRefusal {
                throw refusal.failure("\(reference)")
            }
            let inside = documents.filter { $0.reference.namespace == namespace }.map { "\($0.reference)" }
            throw CommandFailure(
                "there is no namespace \(namespace), and \(inside.joined(separator: ", ")) would be in it; nothing was "
                    + "applied",
                next: "add a document of kind Namespace with the name \(namespace)")
        }
    }

    /// Says exactly how far it came: what was applied stays applied.
    private static func interrupted(
        _ failure: CommandFailure, at position: Int, of documents: [CheckedDocument]
    ) -> CommandFailure {
        let names = documents.map { "\($0.reference)" }
        let applied = names.prefix(position).joined(separator: ", ")
        let missing = names.dropFirst(position).joined(separator: ", ")
        let message = """
            \(failure.message ?? "")
            applied: \(applied.isEmpty ? "nothing" : applied)
            not applied: \(missing)
            """
        let again = "run the same command again; what is applied already will be unchanged"
        return CommandFailure(message, next: "\(failure.remedy ?? "correct it"), then \(again)")
    }
}
