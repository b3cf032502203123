import Glibc
import LinuxNetfilter
import Testing

/// The rules of workloads that share the host's network namespace: their text, and that nothing is left of them.
@Suite(.serialized, .timeLimit(.minutes(1))) struct HostCaptureTests {
    private static func workload(_ port: UInt16, _ senders: Set<HostSender>, _ ports: Set<UInt16>)
        -> HostCapture.Workload
    {
        HostCapture.Workload(senders: senders, outboundPort: port, dnsPort: port + 1, ports: ports)
    }

    @Test func programLoadsTheFileThatIsRead() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        #expect(try Command.run("cat /\(folder)/nft/ambit-host.nft") == HostRules.text, "run nft/embed.sh")
    }

    @Test func elementsNameEachWorkloadByItsMark() throws {
        let path = try #require(ControlGroupPath("/ambit.slice/ambit-shop:web.slice/"))
        let capture = HostCapture(
            workloads: [
                Self.workload(16001, [.controlGroup(path)], [8080, 443]), Self.workload(16003, [.user(70)], []),
            ], excludedInterfaces: ["docker0"])
        let text = try capture.update()
        let elements = text.split(separator: "\n").filter { $0.hasPrefix("add ") }.joined(separator: "\n")
        #expect(
            elements == """
                add element inet ambit-host cgroups { "ambit.slice/ambit-shop:web.slice" : 0x3e81000 }
                add element inet ambit-host users { 70 : 0x3e83000 }
                add element inet ambit-host workloads { 0x3e81000, 0x3e83000 }
                add element inet ambit-host outbound { 0x3e81000 : 16001, 0x3e83000 : 16003 }
                add element inet ambit-host dns { 0x3e81000 : 16002, 0x3e83000 : 16004 }
                add element inet ambit-host dns-ports { 16002, 16004 }
                add element inet ambit-host ports { 443, 8080 }
                add element inet ambit-host own-ports { 0x3e81000 . 443, 0x3e81000 . 8080 }
                add element inet ambit-host receivers { "ambit.slice/ambit-shop:web.slice" }
                add element inet ambit-host own-receivers { 0x3e81000 . "ambit.slice/ambit-shop:web.slice" }
                add element inet ambit-host excluded-interfaces { "docker0" }
                """)
        #expect(try capture.commands().hasPrefix(HostRules.text))
    }

    @Test func marksNeverMeetThoseOfZtunnel() {
        for port in HostCapture.ports {
            let mark = Self.workload(port, [], []).mark & 0xfff
            #expect(mark != 0x539 && mark != 0x111)
        }
        #expect(HostRules.text.contains("tcp dport \(HostCapture.ports.lowerBound)-\(HostCapture.ports.upperBound) "))
    }

    @Test(arguments: ["", "/", "a/b/c/d/e/f/g", "a\"b", "a b", "a*", "a/../b", "a\nb", "a/ü"])
    func controlGroupsThatRulesCannotNameAreRefused(path: String) {
        #expect(ControlGroupPath(path) == nil)
    }

    @Test func aControlGroupContainsWhatIsInside() throws {
        let path = try #require(ControlGroupPath("a.slice/b.service"))
        #expect(path.level == 2)
        #expect(path.contains("/a.slice/b.service") && path.contains("a.slice/b.service/c"))
        #expect(!path.contains("/a.slice") && !path.contains("/a.slice/b.service2"))
    }

    /// The chains' names and handles.
    private static func chains() throws -> [String] {
        try Command.run("nft -a list table inet ambit-host").split(separator: "\n").map(String.init).filter {
            $0.contains("chain ")
        }
    }

    @Test func rulesOfAnotherVersionAreMadeAnew() throws {
        try TestHost.run("hostanew") { _ in
            let other = "type filter hook output priority 7"
            try Command.run("nft 'add table inet ambit-host; add chain inet ambit-host nat-output { \(other); }'")
            try HostCapture(workloads: [], excludedInterfaces: ["tun0"]).load()
            #expect(try !Command.run("nft list chain inet ambit-host nat-output").contains("priority 7"))
        }
    }

    @Test func loadedRulesAreTheGoldenOnesTwiceAndAfterAChange() throws {
        try TestHost.run("hostgold") { host in
            let before = try Self.state()
            let capture = HostCapture(
                workloads: [Self.workload(16001, [.user(70)], [8080])], excludedInterfaces: ["tun0"])
            try capture.load()
            let once = try Self.state()
            #expect(try Command.run("nft list ruleset") == GoldenHostRuleset.text)
            #expect(try Command.run("ip rule").contains("32764:\tfrom all fwmark 0x111/0xfff lookup 15001"))
            #expect(try Command.run("ip -6 route show table 15001").contains("local default dev lo"))
            let chains = try Self.chains()
            try capture.load()
            #expect(try Self.state() == once)
            // The very same chains: one that is made anew is empty for a moment to a packet that has begun with the old ones.
            #expect(try Self.chains() == chains && !chains.isEmpty)
            try HostCapture(workloads: [Self.workload(16005, [.user(71)], [9090])]).replaceElements()
            #expect(try Command.run("nft list map inet ambit-host users").contains("71 : 0x03e85000"))
            try capture.replaceElements()
            #expect(try Self.state() == once)
            #expect(try HostCapture.isLoaded())
            try HostCapture.remove()
            #expect(try Self.state() == before)
            try HostCapture.remove()
            #expect(try !HostCapture.isLoaded())
        }
    }

    @Test func aControlGroupThatIsGoneFailsTheWholeChange() throws {
        try TestHost.run("hostgone") { host in
            let there = try host.group("a")
            try HostCapture(workloads: [Self.workload(16001, [.controlGroup(there)], [])]).load()
            let before = try Self.state()
            let gone = try #require(ControlGroupPath("ztcnowhere.slice"))
            let capture = HostCapture(workloads: [Self.workload(16001, [.controlGroup(gone)], [])])
            #expect(throws: NetfilterError.self) { try capture.replaceElements() }
            #expect(try Self.state() == before)
        }
    }

    private static func state() throws -> String {
        try Command.run("nft list ruleset") + Command.run("ip rule") + Command.run("ip -6 rule")
            + Command.run("ip route show table all") + Command.run("ip -6 route show table all")
    }
}
