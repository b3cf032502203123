import LinuxNetfilter
import Testing

@testable import ZtunnelCore

/// The rules of a host whose workloads come and go.
@Suite struct CapturedHostTests {
    private static let workload = HostCapture.Workload(
        senders: [.user(4242)], outboundPort: 16001, dnsPort: 16002, ports: [8080])

    @Test func theRulesStayForWhatIsOpenOfAWorkloadThatLeaves() throws {
        let namespace = try TestNamespace("caphost")
        let before = try namespace.run("nft list ruleset") + namespace.run("ip rule")
        var view = HostView()
        view.marks = CaptureMarks(folder: try Command.run("mktemp -d").split(separator: "\n").joined())
        let captured = CapturedHost(excludedInterfaces: [], host: view)
        func elements() throws -> String { try namespace.run("nft list map inet \(HostCapture.table) users") }
        try namespace.inside { try captured.set("shop/web", Self.workload) }
        #expect(try elements().contains("4242"))
        try namespace.inside { try captured.release("shop/web") }
        #expect(try !elements().contains("4242"))
        #expect(try namespace.run("nft list chain inet \(HostCapture.table) nat-output").contains("redirect"))
        // It comes and goes again before its first connections have ended.
        try namespace.inside {
            try captured.set("shop/web", Self.workload)
            try captured.release("shop/web")
        }
        #expect(try namespace.run("nft list tables").contains(HostCapture.table))
        try namespace.inside { try captured.remove("shop/web") }
        #expect(try namespace.run("nft list ruleset") + namespace.run("ip rule") == before)
    }

    @Test func aFlushIsMendedForLeaversToo() throws {
        let namespace = try TestNamespace("capflush")
        var view = HostView()
        view.marks = CaptureMarks(folder: try Command.run("mktemp -d").split(separator: "\n").joined())
        let captured = CapturedHost(excludedInterfaces: [], host: view)
        try namespace.inside {
            try captured.set("shop/web", Self.workload)
            try captured.release("shop/web")
        }
        try namespace.run("nft flush ruleset")
        let mended = try namespace.inside { try captured.reloadIfMissing() }
        #expect(try mended && namespace.run("nft list tables").contains(HostCapture.table))
        try namespace.inside { try captured.remove("shop/web") }
    }

    @Test func theRulesInForceAreKeptForTheReloadOfTheHostsOwn() throws {
        let namespace = try TestNamespace("capkeep")
        var view = HostView()
        let folder = try Command.run("mktemp -d").split(separator: "\n").joined()
        view.marks = CaptureMarks(folder: folder)
        let captured = CapturedHost(excludedInterfaces: [], host: view)
        try namespace.inside { try captured.set("shop/web", Self.workload) }
        let before = try namespace.run("nft list ruleset")
        // As nftables.service does it: one transaction that begins with a flush.
        let script = folder + "/reload"
        try Command.run("(printf 'flush ruleset\\ninclude \"%s/*.nft\"\\n' \(folder) > \(script))")
        try namespace.run("nft -f \(script)")
        #expect(try namespace.run("nft list ruleset") == before && before.contains("4242"))
        // With nothing enrolled there is nothing to load.
        try namespace.inside { try captured.remove("shop/web") }
        try namespace.run("nft -f \(script)")
        #expect(try namespace.run("nft list ruleset") == "")
    }
}
