import Testing
import ZtunnelCore

/// Files of probes.d: what the administrator of a host writes, and how what is no grant is refused.
@Suite struct CommandGrantTests {
    private func read(_ text: String) throws -> [CommandGrant] {
        try CommandGrantDocuments.read(Array(text.utf8), file: "f.yaml")
    }

    @Test func aFileGrantsWholeCommands() throws {
        let grants = try read(
            """
            # The shop.
            group: shop/web
            command: [/usr/local/bin/check, --fast, "a, b", 'it''s', ""]   # all of it
            user: www-data
            ---
            group: shop/db
            command: [cat, /run/db/ready]
            """)
        #expect(
            grants == [
                CommandGrant(
                    group: "shop/web", command: ["/usr/local/bin/check", "--fast", "a, b", "it's", ""], user: "www-data"
                ),
                CommandGrant(group: "shop/db", command: ["cat", "/run/db/ready"]),
            ])
        #expect(try read("# nothing\n").isEmpty)
    }

    @Test(arguments: [
        ("group: shop/web", "f.yaml:1: there is no command"), ("command: [a]", "f.yaml:1: there is no group"),
        ("group: web\ncommand: [a]", "f.yaml:1: 'group' names no WorkloadGroup"),
        ("group: shop/*\ncommand: [a]", "f.yaml:1: 'group' names no WorkloadGroup"),
        ("group: [shop/web]\ncommand: [a]", "f.yaml:1: 'group' names no WorkloadGroup"),
        ("group: shop/web\ncommand: /bin/true", "f.yaml:2: 'command' is no command"),
        ("group: shop/web\ncommand: []", "f.yaml:2: 'command' is no command"),
        ("group: shop/web\ncommand: [\"\", a]", "f.yaml:2: 'command' is no command"),
        ("group: shop/web\ncommand:\n- a", "f.yaml:3: the line begins with -"),
        ("group: shop/web\ncommand: [a]\nuser: -x", "f.yaml:3: 'user' names no user"),
        ("group: shop/web\ncommand: [a]\nargs: x", "f.yaml:3: 'args' is not a field"),
    ])
    func whatIsNoGrantIsNamedByLine(text: String, problem: String) {
        let error = #expect(throws: CommandGrantDocuments.Problem.self) { try read(text) }
        #expect(error?.description.hasPrefix(problem) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("; ") == true)
    }

    @Test(arguments: [
        ["/bin/true"], ["/bin/sh", "-c", "test \"$(cat /run/x)\" = 'a\\b'; exit"],
        ["/x", "", "-", "- a", "a: b", "{a}", "[", "]", ",", "#", "ü"],
        ["/x", "/usr/lib", "a #b", " lead", "trail ", "%n", "*", "&a", "!", "|", ">", "@", "`"],
    ])
    func whatARefusalTellsToWriteIsRead(command: [String]) throws {
        let grant = CommandGrant(group: "shop/web", command: command, user: "www-data")
        #expect(try read(grant.document) == [grant])
        #expect(CommandGrant.isWritable(command))
    }

    @Test(arguments: ["a\nb", "a\tb", "a\u{7f}", "a\u{2028}b", "a\u{85}b", "\r\n"])
    func whatNoLineCanHoldIsToldApart(word: String) {
        #expect(!CommandGrant.isWritable(["/x", word]))
    }

    @Test func limitsAreReached() {
        let words = Array(repeating: "a", count: 65).joined(separator: ", ")
        #expect(throws: CommandGrantDocuments.Problem.self) { try read("group: a/b\ncommand: [\(words)]") }
        let many = String(repeating: "group: a/b\ncommand: [a]\n---\n", count: CommandGrantDocuments.documentLimit + 1)
        let error = #expect(throws: CommandGrantDocuments.Problem.self) { try read(many) }
        #expect(error?.description.contains("more than \(CommandGrantDocuments.documentLimit)") == true)
        let large = String(repeating: "#", count: CommandGrantDocuments.byteLimit + 1)
        #expect(throws: CommandGrantDocuments.Problem.self) { try read(large) }
    }
}
