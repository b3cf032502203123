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
        let applier = ServerSideApply(client: client, isDryRun: dryRun == .server)
        let suffix = dryRun == .server ? " (server dry run)" : ""
        for (position, document) in documents.enumerated() {
            do {
                let outcome = try await applier.apply(document)
                outcome.warnings.forEach { terminal.printErrorLine("warning: \(document.reference): \($0)") }
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
