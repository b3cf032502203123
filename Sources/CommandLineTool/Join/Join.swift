import ArgumentParser
import Foundation
import MeshModel

/// `ambitctl join`: makes this host a node of the mesh (journey 4).
struct Join: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes this host a node of a mesh, with a token of its ambitd.",
        discussion: """
            The key is made here and stays here. The token's pin proves ambitd before anything secret is sent. Where systemd runs \
            and ambit-ztunnel.service is installed, ztunnel is started, and the command waits until it is ready.
            """)

    @Argument(help: "ambitd's HOST or HOST:PORT; else the token's own address.")
    var address: String?

    @Option(help: "The token that `ambitctl token create` printed.")
    var token: String?

    @Option(
        name: .customLong("token-file"),
        help: "A file with the token, - for standard input: keeps it out of process lists.")
    var tokenFile: String?

    @Option(name: .customLong("state-dir"), help: "ztunnel's state directory.", completion: .directory)
    var stateDirectory = "/var/lib/ambit"

    @Option(name: .customLong("config-dir"), help: "Where ztunnel.env is written.", completion: .directory)
    var configurationDirectory = "/etc/ambit"

    @Flag(help: "Join although this host is a node already.")
    var force = false

    @Flag(name: .customLong("no-start"), help: "Do not start ztunnel.")
    var leavesStopped = false

    @Option(help: "Seconds to wait until ztunnel is ready.")
    var timeout: Int = 30

    func validate() throws {
        guard (token == nil) != (tokenFile == nil) else {
            throw ValidationError("Give the token with --token or --token-file.")
        }
        if timeout < 0 { throw ValidationError("--timeout must not be negative.") }
    }

    func run() async throws {
        let terminal = Terminal.current
        let token = try read(terminal)
        let endpoint = try JoinEndpoint(address ?? token.addresses.first ?? "")
        let files = NodeFiles(stateDirectory: stateDirectory, configurationDirectory: configurationDirectory)
        try files.check(replacing: force)
        let membership = try await JoinExchange(token: token, endpoint: endpoint, now: terminal.now).run()
        try files.write(membership, endpoint: endpoint)
        terminal.printLine(
            "node \(membership.node) joined the mesh of \(endpoint) (trust domain \(membership.trustDomain)); it may host "
                + membership.grants.joined(separator: ", "))
        terminal.printLine("  certificate: \(files.certificate), until \(membership.notAfter), renewed by ztunnel")
        terminal.printLine("  settings:    \(files.environment)")
        try await start(files, terminal)
    }

    private func read(_ terminal: Terminal) throws -> JoinToken {
        let text: String
        if let tokenFile {
            do {
                let bytes =
                    tokenFile == "-"
                    ? try terminal.readInput() : [UInt8](try Data(contentsOf: URL(fileURLWithPath: tokenFile)))
                text = String(decoding: bytes, as: UTF8.self)
            } catch {
                throw FileFailure.failure(
                    reading: tokenFile, error: error,
                    whenMissing: "write the token that `ambitctl token create` printed into it")
            }
        } else {
            text = token ?? ""
        }
        do throws(JoinToken.Problem) {
            return try JoinToken(parsing: text)
        } catch {
            throw CommandFailure(
                "this is not a join token: \(error)",
                next: "make one on the control host: ambitctl token create --node NAME --allow NS/SA",
                status: .usage)
        }
    }

    private func start(_ files: NodeFiles, _ terminal: Terminal) async throws {
        let service = NodeService()
        guard !leavesStopped, service.isInstalled else {
            let why = leavesStopped ? "" : " (systemd does not run here, or \(NodeService.unit) is not installed)"
            return terminal.printLine(
                "next: start ztunnel with these settings\(why): systemctl enable --now \(NodeService.unit), or env $(grep -v '^#' "
                    + "\(files.environment)) ztunnel proxy")
        }
        try service.start()
        try await service.waitUntilReady(seconds: timeout)
        terminal.printLine("\(NodeService.unit) runs and is ready")
        terminal.printLine(
            "next: enrol workloads, for instance: ambitctl enroll netns NAME --namespace NS --service-account SA")
    }
}
