import Testing
import ZtunnelCore

/// Programs that nobody but root can change, whatever links lead to them.
@Suite struct TrustedPathTests {
    private typealias Facts = TrustedPath.Facts

    private static let files: [String: TrustedPath.Facts] = [
        "/": .init(.directory, mode: 0o755), "/usr": .init(.directory, mode: 0o755),
        "/usr/bin": .init(.directory, mode: 0o755),
        "/usr/bin/check": .init(.file, mode: 0o755), "/bin": .init(.link(to: "usr/bin"), mode: 0o777),
        "/usr/bin/other": .init(.link(to: "/bin/check"), mode: 0o777),
        "/usr/bin/up": .init(.link(to: "../../opt/./check"), mode: 0o777),
        "/usr/bin/round": .init(.link(to: "round"), mode: 0o777),
        "/usr/bin/of-user": .init(.file, owner: 1000, mode: 0o755),
        "/usr/bin/of-group": .init(.file, mode: 0o775), "/usr/bin/of-all": .init(.file, mode: 0o757),
        "/usr/bin/to-tmp": .init(.link(to: "/tmp/check"), mode: 0o777),
        "/usr/bin/users-link": .init(.link(to: "check"), owner: 1000, mode: 0o777),
        "/usr/bin/through-file": .init(.link(to: "check/../check"), mode: 0o777),
        "/opt": .init(.directory, mode: 0o755), "/opt/check": .init(.file, mode: 0o700),
        "/tmp": .init(.directory, mode: 0o1777), "/tmp/check": .init(.file, mode: 0o755),
        "/home": .init(.directory, owner: 1000, mode: 0o755), "/home/check": .init(.file, mode: 0o755),
        "/usr/socket": .init(.other, mode: 0o755),
    ]

    private func look(_ path: String) -> TrustedPath.Facts? { Self.files[path] }

    @Test(arguments: [
        "/usr/bin/check", "/bin/check", "/usr/bin/other", "/bin/other", "//usr//bin/check", "/opt/check", "/bin/up",
    ])
    func rootsFilesAreTrustedByAnyWay(path: String) throws {
        #expect(try TrustedPath.check(path, look).kind == .file)
    }

    @Test(arguments: [
        ("check", "no absolute path"), ("", "no absolute path"), ("/usr/bin/../bin/check", "without . and .."),
        ("/usr/./bin/check", "without . and .."), ("/usr/bin/none", "there is no /usr/bin/none"),
        ("/usr/bin/of-user", "/usr/bin/of-user is not root's"), ("/usr/bin/of-group", "others than root may write to"),
        ("/usr/bin/of-all", "others than root may write to"), ("/tmp/check", "others than root may write to /tmp"),
        ("/usr/bin/to-tmp", "others than root may write to /tmp"), ("/home/check", "/home is not root's"),
        ("/usr/bin/users-link", "/usr/bin/users-link is not root's"), ("/usr/bin/round", "more than 16 links"),
        ("/usr/bin/check/more", "/usr/bin/check is no directory"),
        ("/usr/bin/through-file", "/usr/bin/check is no directory"),
    ])
    func whatOthersCanChangeIsNot(path: String, problem: String) {
        let error = #expect(throws: CommandRefusal.self) { try TrustedPath.check(path, look) }
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
    }

    @Test func thisHostsFilesAreSeen() throws {
        #expect(try TrustedPath.check("/bin/sh", TrustedPath.Facts.ofFile).kind == .file)
        #expect(TrustedPath.Facts.ofFile("/dev/null")?.kind == .other)
        #expect(
            TrustedPath.Facts.ofFile("/proc/self/exe").map { if case .link = $0.kind { true } else { false } } == true)
        #expect(TrustedPath.Facts.ofFile("/none") == nil)
    }
}
