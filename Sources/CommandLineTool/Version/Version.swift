import ArgumentParser
import MeshModel

/// `ambitctl version`: the versions of this program and of the ambitd it talks to.
struct Version: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows the versions of ambitctl and ambitd.")

    @Flag(help: "Only the version of this program; asks no server.")
    var client = false

    @Option(name: .shortAndLong, help: "table, json or yaml.")
    var output: OutputFormat = .table

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        try output.require(oneOf: [.table, .json, .yaml])
    }

    /// The client's version is printed even if the server cannot be asked; that is then the command's failure.
    func run() async throws {
        let terminal = Terminal.current
        guard !client else {
            print(server: nil, in: terminal)
            return
        }
        do {
            let server = try await connection.withClient { client in
                try await client.send(APIRequest(.fetch, "/ambit/v1/status")).value?["version"]?.asString
            }
            print(server: server ?? "unknown", in: terminal)
        } catch {
            print(server: nil, in: terminal)
            throw (error as? APIRefusal)?.failure("version of ambitd") ?? error
        }
    }

    private func print(server: String?, in terminal: Terminal) {
        var members: [(String, JSONValue)] = [("ambitctl", .string(Release.version))]
        if let server { members.append(("ambitd", .string(server))) }
        let value = JSONValue(members: members)
        if let text = output.text(value) {
            terminal.write(text)
        } else {
            members.forEach { terminal.printLine("\($0.0): \($0.1.asString ?? "")") }
        }
    }
}
