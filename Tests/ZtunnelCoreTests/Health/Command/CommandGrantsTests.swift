import Glibc
import Testing
import ZtunnelCore

/// The decision: a command runs only if the host's administrator wrote exactly it, for exactly this group.
@Suite struct CommandGrantsTests {
    private static let grants = CommandGrants(
        folder: "/etc/ambit/probes.d",
        grants: [
            CommandGrant(group: "shop/web", command: ["/usr/bin/check", "--fast"]),
            CommandGrant(group: "shop/db", command: ["check"], user: "db"),
            CommandGrant(group: "shop/web", command: ["/usr/bin/data"]),
            CommandGrant(group: "shop/web", command: ["/usr/bin/../bin/check"]),
            CommandGrant(group: "shop/web", command: ["none"]),
        ], problems: ["/etc/ambit/probes.d/x.yaml:1: there is no group; add group: VALUE"])

    private func look(_ path: String) -> TrustedPath.Facts? {
        switch path {
        case "/", "/usr", "/usr/bin": .init(.directory, mode: 0o755)
        case "/usr/bin/check": .init(.file, mode: 0o755)
        case "/usr/bin/data": .init(.file, mode: 0o644)
        default: nil
        }
    }

    private func refusal(_ command: [String], group: String = "shop/web") -> String? {
        do throws(CommandRefusal) {
            _ = try Self.grants.decide(command, group: group, look: look)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func whatIsWrittenRuns() throws {
        let web = try Self.grants.decide(["/usr/bin/check", "--fast"], group: "shop/web", look: look)
        #expect(web.program == "/usr/bin/check" && web.grant.user == nil)
        let database = try Self.grants.decide(["check"], group: "shop/db", look: look)
        #expect(database.program == "/usr/bin/check" && database.grant.user == "db")
    }

    @Test(arguments: [
        ["/usr/bin/check"], ["/usr/bin/check", "--fast", ""], ["/usr/bin/check", "--fast", "more"],
        ["/usr/bin/check", "--FAST"], ["/usr/bin//check", "--fast"], ["check", "--fast"], ["/usr/bin/check --fast"],
        ["/bin/sh", "-c", "/usr/bin/check --fast"], [],
    ])
    func nothingElseDoes(command: [String]) {
        #expect(refusal(command)?.hasPrefix("this host does not allow the group shop/web to run [") == true)
    }

    @Test func aRefusalNamesTheFileAndItsLines() {
        #expect(
            refusal(["check"], group: "shop/we-b.2")
                == "this host does not allow the group shop/we-b.2 to run [check]; its administrator allows it by the lines "
                + "`group: shop/we-b.2` and `command: [check]` in /etc/ambit/probes.d/shop.we-b.2.yaml; "
                + "/etc/ambit/probes.d/x.yaml:1: there is no group; add group: VALUE")
        let forged = refusal(["/x", "a\n2026-01-01 error forged"])
        #expect(forged?.contains("line breaks") == true && forged?.contains("\n") == false)
    }

    @Test func theProgramMustBeOne() {
        #expect(refusal(["/usr/bin/data"]) == "/usr/bin/data is no program: run `chmod +x /usr/bin/data`")
        #expect(refusal(["/usr/bin/../bin/check"])?.contains("without . and ..") == true)
        #expect(refusal(["none"])?.hasPrefix("there is no program none in /usr/local/sbin:") == true)
    }

    // MARK: on a disk

    /// A folder on a path that only root can change, as /etc is.
    private final class Folder {
        let path: String

        init() throws {
            var template = Array("/run/ambit-probes-XXXXXX".utf8CString)
            try #require(mkdtemp(&template) != nil)
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
            let file = try #require(fopen("\(path)/\(name)", "w"))
            fputs(text, file)
            fclose(file)
            chmod("\(path)/\(name)", mode)
        }

        deinit {
            for name in ["a.yaml", "b.yml", "c.yaml", "d.yaml", ".e.yaml", "f.txt"] { unlink("\(path)/\(name)") }
            rmdir(path)
        }
    }

    private static let text = CommandGrant(group: "shop/web", command: ["/bin/true"]).document

    @Test(.enabled(if: geteuid() == 0, "makes a folder in /run"))
    func filesThatOthersMayWriteGrantNothing() throws {
        let folder = try Folder()
        #expect(CommandGrants(reading: folder.path).grants.isEmpty)
        try folder.write("a.yaml", Self.text)
        try folder.write("b.yml", Self.text)
        try folder.write(".e.yaml", Self.text)
        try folder.write("f.txt", Self.text)
        #expect(CommandGrants(reading: folder.path).grants.count == 2)
        try folder.write("a.yaml", Self.text, mode: 0o664)
        symlink("/etc/passwd", "\(folder.path)/c.yaml")
        symlink("/dev/zero", "\(folder.path)/d.yaml")
        let read = CommandGrants(reading: folder.path)
        #expect(read.grants.count == 1 && read.problems.count == 3, "\(read.problems)")
        chown("\(folder.path)/b.yml", 1000, 1000)
        #expect(CommandGrants(reading: folder.path).grants.isEmpty)
        chown("\(folder.path)/b.yml", 0, 0)
        chmod(folder.path, 0o777)
        let open = CommandGrants(reading: folder.path)
        #expect(open.grants.isEmpty)
        #expect(
            open.problems.first?.contains("others than root may write to \(folder.path)") == true, "\(open.problems)")
        #expect(CommandGrants(reading: folder.path + "/none").problems.isEmpty)
    }
}
