import Glibc
import LinuxNetfilter
import Testing

/// The rules that an administrator reads are the rules that the kernel gets, and nothing is left of them afterwards.
@Suite struct WorkloadCaptureTests {
    @Test func programLoadsTheFileThatIsRead() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        #expect(try Command.run("cat /\(folder)/nft/ambit-workload.nft") == WorkloadRules.text, "run nft/embed.sh")
    }

    @Test func loadedRulesAreTheGoldenOnes() throws {
        let namespace = try TestNamespace("gold")
        try namespace.inside { try WorkloadCapture(excludedInterfaces: ["tun0"]).apply() }
        #expect(try namespace.run("nft list ruleset") == GoldenRuleset.text)
        #expect(try namespace.run("ip rule").contains("32764:\tfrom all fwmark 0x111/0xfff lookup 100"))
        #expect(try namespace.run("ip -6 rule").contains("32764:\tfrom all fwmark 0x111/0xfff lookup 100"))
        #expect(try namespace.run("ip route show table 100").contains("local default dev lo"))
        #expect(try namespace.run("ip -6 route show table 100").contains("local default dev lo"))
    }

    @Test func applyingTwiceChangesNothing() throws {
        let namespace = try TestNamespace("twice")
        let capture = WorkloadCapture()
        try namespace.inside { try capture.apply() }
        let once = try namespace.state()
        try namespace.inside { try capture.apply() }
        #expect(try namespace.state() == once)
        #expect(try namespace.inside { try WorkloadCapture.isApplied() })
    }

    @Test(arguments: [0, 1]) func removingRestoresEverythingAndTouchesNothingElse(marksBefore: Int) throws {
        let namespace = try TestNamespace("remove\(marksBefore)")
        try namespace.run(
            "sysctl -q net.ipv4.tcp_fwmark_accept=\(marksBefore) net.ipv4.fwmark_reflect=\(marksBefore) net.ipv6.fwmark_reflect=\(marksBefore)"
        )
        try namespace.run(
            "nft 'add table ip other; add chain ip other c { type filter hook input priority 0; }; add rule ip other c counter accept'"
        )
        try namespace.run("ip rule add fwmark 0x5 pref 100 lookup 200")
        let before = try namespace.state()
        try namespace.inside {
            try WorkloadCapture().apply()
            try WorkloadCapture.remove()
        }
        #expect(try namespace.state() == before)
        try namespace.inside { try WorkloadCapture.remove() }
        #expect(try namespace.state() == before)
        #expect(try namespace.inside { try !WorkloadCapture.isApplied() })
    }

    @Test func namesThatWouldBreakOutOfTheRulesAreRefused() throws {
        for name in ["", "a\"b", "a b", "sixteen-letters.", "a/b", "a\nb"] {
            let problem = try #require(throws: NetfilterError.self) {
                try WorkloadCapture(excludedInterfaces: [name]).commands()
            }
            #expect(problem.description.contains("is not a name that an interface can have"))
        }
    }

    @Test func refusalsCarryTheWordsOfNftAndOfTheKernel() throws {
        let namespace = try TestNamespace("refuse")
        try namespace.inside {
            let problem = try #require(throws: NetfilterError.self) {
                try Nftables.run("add rule inet nothere input accept", as: "try a rule")
            }
            #expect(problem.description.hasPrefix("cannot try a rule: "))
            #expect(problem.reason.contains("No such file or directory"))
        }
        try namespace.run("sysctl -q net.ipv6.conf.lo.disable_ipv6=1")
        try namespace.inside {
            var routes = try RouteTable()
            let problem = try #require(throws: NetfilterError.self) { try routes.addLocalRoute(table: 100, .ipv6) }
            #expect(problem.number == EACCES)
            #expect(problem.reason == "IPv6 is disabled on nexthop device (Permission denied)")
        }
    }

    @Test func aFailedTransactionLeavesNothing() throws {
        let namespace = try TestNamespace("atomic")
        try namespace.inside {
            #expect(throws: NetfilterError.self) {
                try Nftables.run("add table inet half\nadd element inet half nothing { 1 }\n", as: "fail half way")
            }
            let ruleset = try Nftables.ruleset()
            #expect(ruleset == "")
        }
    }

    @Test func addressesAndInterfacesAreListed() throws {
        let namespace = try TestNamespace("list")
        try namespace.run("ip link add d0 type veth peer name d1")
        try namespace.run("ip addr add 192.0.2.7/24 dev d0")
        try namespace.run("ip addr add 2001:db8::7/64 dev d0 nodad")
        try namespace.run("ip link set d0 up")
        try namespace.inside {
            var routes = try RouteTable()
            let global = try routes.addresses().filter(\.isGlobal).map(\.bytes)
            #expect(global.contains([192, 0, 2, 7]))
            #expect(global.contains([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]))
            #expect(global.count == 2)
            let interfaces = try routes.interfaces()
            #expect(interfaces.contains { $0.name == "lo" && $0.isUp && $0.index == NetworkInterface.loopbackIndex })
            #expect(interfaces.contains { $0.name == "d0" && $0.isUp })
        }
    }
}
