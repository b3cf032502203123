import MeshAPI
import SwiftProtobuf
import Testing
import ZtunnelCore

/// What systemd is told about a command.
@Suite struct CommandUnitTests {
    private func unit(
        _ place: CommandPlace, user: String? = nil, arguments: [String] = ["--fast"]
    ) -> CommandUnit {
        CommandUnit(
            name: "ambit-probe-7-1", workload: "shop/web", place: place, namespacePath: "/proc/7/fd/9", user: user,
            program: "/usr/bin/check", arguments: arguments, seconds: 3, hidden: ["/var/lib/ambit", "/run/ambit"])
    }

    private func properties(_ unit: CommandUnit) -> Set<String> {
        Set(unit.words.filter { $0.hasPrefix("--property=") }.map { String($0.dropFirst("--property=".count)) })
    }

    @Test func aCommandHasNoneOfZtunnelsRights() {
        let made = properties(unit(.host))
        for property in [
            "DynamicUser=yes", "CapabilityBoundingSet=", "NoNewPrivileges=yes", "ProtectSystem=strict",
            "PrivateTmp=yes",
            "ProtectHome=yes", "PrivateDevices=yes", "InaccessiblePaths=-/var/lib/ambit",
            "InaccessiblePaths=-/run/ambit",
            "RuntimeMaxSec=3", "KillSignal=SIGKILL", "TasksMax=64", "MemoryMax=268435456", "Slice=ambit-probe.slice",
        ] { #expect(made.contains(property), "\(property)") }
        #expect(!made.contains { $0.hasPrefix("NetworkNamespacePath=") || $0.hasPrefix("User=") })
        #expect(
            unit(.host).words.prefix(8) == [
                "systemd-run", "--quiet", "--collect", "--wait", "--pipe", "--service-type=exec",
                "--unit=ambit-probe-7-1",
                "--description=Ambit probe of shop/web",
            ])
    }

    @Test func itRunsWhereTheWorkloadDoes() {
        let namespace = properties(unit(.namespace))
        #expect(
            namespace.contains("NetworkNamespacePath=/proc/7/fd/9") && namespace.contains("Slice=ambit-probe.slice"))
        let slice = properties(unit(.slice("ambit-shop:web.slice")))
        #expect(slice.contains("Slice=ambit-shop:web.slice") && !slice.contains("Slice=ambit-probe.slice"))
        let user = properties(unit(.user("batch"), user: "batch"))
        #expect(user.contains("User=batch") && !user.contains("DynamicUser=yes"))
    }

    @Test func argumentsArriveAsTheyAre() {
        let words = unit(.host, arguments: ["$HOME", "${PATH}", "a b", "%n", "--property=User=root", "$$"]).words
        let end = words.firstIndex(of: "--").map { words[$0...].dropFirst() } ?? []
        #expect(
            Array(end) == [
                "/bin/sh", "-c", "\"$$@\"; exit $$?", "sh", "/usr/bin/check", "$$HOME", "$${PATH}", "a b", "%n",
                "--property=User=root", "$$$$",
            ])
    }

    @Test(arguments: [
        ("netns", "web", false, CommandPlace.namespace), ("unit", "web", false, .slice("ambit-shop:web_1.slice")),
        ("slice", "db", false, .slice("db.slice")), ("user", "batch", false, .user("batch")),
        ("container", "web", true, .namespace), ("container", "web", false, .host), ("pid", "77", true, .namespace),
        ("pid", "77", false, .host),
    ])
    func whereTheWorkloadIs(kind: String, target: String, hasNamespace: Bool, expected: CommandPlace) throws {
        let record = try EnrolmentRecord(
            .with {
                $0.kind = kind
                $0.target = target
                $0.name = "web-1"
                $0.namespace = "shop"
            })
        #expect(CommandPlace(record, hasNamespace: hasNamespace) == expected)
    }
}
