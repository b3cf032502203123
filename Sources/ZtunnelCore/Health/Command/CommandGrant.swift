/// One command that the administrator of this host lets the workloads of one group run as their probe.
package struct CommandGrant: Equatable, Sendable {
    /// `namespace/name` of the WorkloadGroup.
    package let group: String
    /// The program and its arguments, all of them.
    package let command: [String]
    /// Who runs it; nil: a user that is made for it.
    package let user: String?

    /// One grant, checked already.
    package init(group: String, command: [String], user: String? = nil) {
        self.group = group
        self.command = command
        self.user = user
    }

    /// What an administrator writes to grant this: exactly what `CommandGrantDocuments` reads as this.
    package var document: String {
        "group: \(group)\ncommand: \(Self.list(command))\n" + (user.map { "user: \(Self.word($0))\n" } ?? "")
    }

    /// A command as a list of YAML, on one line.
    package static func list(_ command: [String]) -> String {
        "[\(command.map(word).joined(separator: ", "))]"
    }

    /// Whether a file can name this command: its reader takes whole lines.
    package static func isWritable(_ command: [String]) -> Bool {
        command.allSatisfy { word in
            word.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
                && !word.contains(where: \.isNewline)
        }
    }

    private static func word(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            default: "/._=+-".utf8.contains(byte)
            }
        }
        if isPlain, !text.isEmpty, text != "-" { return text }
        return "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }
}
