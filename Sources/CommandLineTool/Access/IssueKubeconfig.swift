import ArgumentParser
import MeshModel

/// `ambitctl kubeconfig`: a file for kubectl, ambitctl and Kubernetes' client libraries, with a key and a certificate of a user.
struct IssueKubeconfig: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubeconfig",
        abstract: "Writes a kubeconfig file for a user, with a role.",
        discussion: """
            The key is made here and never sent; ambitd signs a client certificate for it, which takes an administrator. \
            admin may do everything; editor reads and writes what is in its namespaces; reader reads what is in its \
            namespaces, or in all. Running it again renews: the file before stays valid until its certificate expires.
            """)

    /// The longest life that ambitd gives, in days.
    private static let longestLife = 365

    @Option(help: "The user's name, as audit lines and refusals have it; else $USER.")
    var user: String?

    @Option(help: "admin, editor or reader.")
    var role: RoleName = .reader

    @Option(
        name: [.short, .long], parsing: .singleValue,
        help: "A namespace that the role is for; repeat it for more.")
    var namespace: [String] = []

    @Option(help: "Days until the certificate expires, at most 365.")
    var days = 90

    @Option(name: [.customShort("o"), .customLong("out")], help: "The file to make (mode 0600); else standard output.")
    var file: String?

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (1...Self.longestLife).contains(days) else {
            throw ValidationError("--days: \(days) is out of range; use 1 to \(Self.longestLife)")
        }
    }

    func run() async throws {
        let terminal = Terminal.current
        guard let user = user ?? terminal.variable("USER") else {
            throw CommandFailure("--user: is needed where $USER is not set", next: "add --user NAME", status: .usage)
        }
        let roles = try role.roles(in: namespace)
        let key = try UserKey(user: user, roles: roles)
        let body = JSONValue(members: [
            ("request", .string(key.requestPEM)), ("expirationSeconds", .int(Int64(days) * 86_400)),
        ])
        let (document, expires) = try await connection.withClient { client in
            let answer: JSONValue?
            do {
                answer = try await client.send(
                    APIRequest(.post, "/ambit/v1/clientcertificates", body: body.compactText)
                ).value
            } catch let refusal as APIRefusal {
                throw refusal.failure("kubeconfig for \(user)")
            }
            guard let certificate = answer?["certificate"]?.asString, let expires = answer?["notAfter"]?.asString else {
                throw CommandFailure(
                    "\(client.kubeconfig.server) did not answer with a certificate",
                    next: "check that this server is ambitd and as new as this ambitctl")
            }
            return (
                KubeconfigDocument(
                    server: client.kubeconfig.server, authority: client.kubeconfig.authority, user: user,
                    certificatePEM: certificate, keyPEM: key.keyPEM, namespace: namespace.first ?? "default"), expires
            )
        }
        guard let file else {
            terminal.write(document.text)
            return
        }
        try PrivateFile.write(document.text, to: file)
        terminal.printLine(
            "\(file): \(user) as \(roles.map(\.group).joined(separator: ", ")), until \(expires)")
        terminal.printLine("use it: kubectl --kubeconfig \(file) get namespaces, or set KUBECONFIG")
    }
}
