import MeshModel

/// The commands that one file of probes.d allows: all of them, or none.
package enum CommandGrantDocuments {
    /// Grants that one file may hold.
    package static let documentLimit = 256
    /// Bytes of one file.
    package static let byteLimit = 64 << 10

    /// Why a file is not read: the line, the field, and what would be right.
    package struct Problem: Error, Equatable, CustomStringConvertible {
        /// "file:line: problem; remedy"
        package let description: String
    }

    /// Reads `bytes`, the content of `file`.
    package static func read(_ bytes: [UInt8], file: String) throws(Problem) -> [CommandGrant] {
        guard bytes.count <= byteLimit else {
            throw Problem(description: "\(file): it has more than \(byteLimit) bytes; use several files")
        }
        do throws(BlockText.Problem) {
            let text = try BlockText(bytes)
            guard text.documents.count <= documentLimit else {
                throw BlockText.Problem(
                    line: 1, problem: "the file holds more than \(documentLimit) commands", remedy: "use several files")
            }
            var grants: [CommandGrant] = []
            for document in text.documents { grants.append(try grant(document)) }
            return grants
        } catch {
            throw Problem(description: "\(file):\(error.line): \(error.problem); \(error.remedy)")
        }
    }

    private static func grant(_ document: BlockText.Document) throws(BlockText.Problem) -> CommandGrant {
        var group: String?
        var command: [String]?
        var user: String?
        for field in document.fields {
            switch (field.name, field.value) {
            case ("group", .text(let text)) where isGroup(text): group = text
            case ("group", _):
                throw problem(field, "names no WorkloadGroup", "write group: NAMESPACE/NAME")
            case ("command", .list(let words)) where isCommand(words): command = words
            case ("command", _):
                throw problem(
                    field, "is no command of at most \(ReadinessProbe.wordLimit) words",
                    "write command: [PROGRAM, ARGUMENT, ...] on one line")
            case ("user", .text(let text)) where (try? UserTarget(text)) != nil: user = text
            case ("user", _):
                throw problem(field, "names no user", "give a name that `getent passwd` shows, or a number")
            default:
                throw problem(field, "is not a field of a command that is allowed", "use group, command, user")
            }
        }
        guard let group else { throw missing("group", document) }
        guard let command else { throw missing("command", document) }
        return CommandGrant(group: group, command: command, user: user)
    }

    private static func isGroup(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { WorkloadReference.isName(String($0)) }
    }

    private static func isCommand(_ words: [String]) -> Bool {
        words.first?.isEmpty == false && words.count <= ReadinessProbe.wordLimit
    }

    private static func problem(_ field: BlockText.Field, _ problem: String, _ remedy: String) -> BlockText.Problem {
        BlockText.Problem(line: field.line, problem: "'\(field.name)' \(problem)", remedy: remedy)
    }

    private static func missing(_ name: String, _ document: BlockText.Document) -> BlockText.Problem {
        BlockText.Problem(line: document.line, problem: "there is no \(name)", remedy: "add \(name): VALUE")
    }
}
