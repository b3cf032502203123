import Glibc
import NodeCore

/// All that the administrator of this host allows, read anew for each question: what is taken back does not run again.
package struct CommandGrants: Sendable {
    /// Files of the folder that are read.
    package static let fileLimit = 256
    /// Where programs are looked for that are written without a path.
    package static let programFolders = [
        "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
    ]

    /// Where they come from.
    package let folder: String
    /// Commands that may run.
    package let grants: [CommandGrant]
    /// A sentence for each file that is not read.
    package let problems: [String]

    /// Grants, read already.
    package init(folder: String, grants: [CommandGrant], problems: [String] = []) {
        self.folder = folder
        self.grants = grants
        self.problems = problems
    }

    /// Reads the folder; there are no grants where there is none. Blocks for small files.
    package init(reading folder: String) {
        var grants: [CommandGrant] = []
        var problems: [String] = []
        if access(folder, F_OK) == 0 {
            do {
                _ = try TrustedPath.check(folder, TrustedPath.Facts.ofFile)
                let directory = try StateDirectory(reading: folder)
                let names = try (directory.files(suffix: ".yaml") + directory.files(suffix: ".yml")).sorted()
                // A name that begins with a dot is an editor's, or one on its way to its place.
                for name in names.filter({ !$0.hasPrefix(".") }).prefix(Self.fileLimit) {
                    do {
                        let path = "\(folder)/\(name)"
                        let bytes = try AdministratorFile.read(path, limit: CommandGrantDocuments.byteLimit)
                        grants += try CommandGrantDocuments.read(bytes, file: path)
                    } catch {
                        problems.append("\(error)")
                    }
                }
            } catch {
                problems.append("\(error)")
            }
        }
        self.init(folder: folder, grants: grants, problems: problems)
    }

    /// The grant for exactly this command, with the place of its program; `look` tells what is at a path.
    package func decide(
        _ command: [String], group: String, look: (String) -> TrustedPath.Facts?
    ) throws(CommandRefusal) -> (grant: CommandGrant, program: String) {
        guard let grant = grants.first(where: { $0.group == group && $0.command == command }), let name = command.first
        else { throw refusal(command, group) }
        var program = name
        if !name.contains("/") {
            guard let found = Self.programFolders.map({ "\($0)/\(name)" }).first(where: { look($0) != nil }) else {
                throw CommandRefusal("there is no program \(name) in \(Self.programFolders.joined(separator: ":"))")
            }
            program = found
        }
        let facts = try TrustedPath.check(program, look)
        guard facts.kind == .file, facts.mode & 0o111 != 0 else {
            throw CommandRefusal("\(program) is no program: run `chmod +x \(program)`")
        }
        return (grant, program)
    }

    private func refusal(_ command: [String], _ group: String) -> CommandRefusal {
        guard CommandGrant.isWritable(command) else {
            return CommandRefusal(
                "a command of the group \(group) holds line breaks or control characters, and no host can allow it: put it "
                    + "into a script on the host, and name that in the group")
        }
        let file = "\(folder)/\(group.split(separator: "/").joined(separator: ".")).yaml"
        let trouble = problems.first.map { "; \($0)" } ?? ""
        return CommandRefusal(
            "this host does not allow the group \(group) to run \(CommandGrant.list(command)); its administrator allows it by "
                + "the lines `group: \(group)` and `command: \(CommandGrant.list(command))` in \(file)" + trouble)
    }
}
