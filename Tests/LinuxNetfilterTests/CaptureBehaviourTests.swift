import Glibc
import LinuxNetfilter
import Testing

/// What the rules do to real connections between a workload's namespace and its neighbour.
@Suite struct CaptureBehaviourTests {
    /// A workload (10.77.0.2, fd77::2) and a neighbour (10.77.0.1, fd77::1) on one link.
    private struct Pair {
        let workload: TestNamespace
        let neighbour: TestNamespace

        init(_ label: String) throws {
            workload = try TestNamespace(label + "w")
            neighbour = try TestNamespace(label + "n")
            try workload.run("ip link add e0 type veth peer name e0 netns \(neighbour.name)")
            for (namespace, last) in [(neighbour, 1), (workload, 2)] {
                try namespace.run("ip addr add 10.77.0.\(last)/24 dev e0")
                try namespace.run("ip addr add fd77::\(last)/64 dev e0 nodad")
                try namespace.run("ip link set e0 up")
            }
            for namespace in [neighbour, workload] { try Command.waitForLink { try namespace.run($0) } }
        }

        static let addresses = [("10.77.0.1", "10.77.0.2"), ("fd77::1", "fd77::2")]
    }

    @Test(arguments: [false, true]) func connectionsOpenBeforeEnrolmentGoOnUntouched(tracked: Bool) throws {
        let pair = try Pair("old\(tracked ? 1 : 0)")
        if tracked {
            // Another table that already uses conntrack in the workload's namespace.
            try pair.workload.run(
                "nft 'add table ip t; add chain ip t c { type filter hook input priority 0; }; add rule ip t c ct state new accept'"
            )
        }
        let there = try pair.neighbour.inside { try TestSocket.listen(8080) }
        let here = try pair.workload.inside { try TestSocket.listen(8080) }
        for (neighbour, workload) in Pair.addresses {
            let outgoing = try pair.workload.inside { try TestSocket.connect(neighbour, 8080).get() }
            let outgoingPeer = try there.accept()
            let incoming = try pair.neighbour.inside { try TestSocket.connect(workload, 8080).get() }
            let incomingPeer = try here.accept()
            try pair.workload.inside { try WorkloadCapture().apply() }
            for (from, to) in [
                (outgoing, outgoingPeer), (outgoingPeer, outgoing), (incoming, incomingPeer), (incomingPeer, incoming),
            ] {
                #expect(from.send("still here"))
                #expect(to.receive() == "still here")
            }
            try pair.workload.inside { try WorkloadCapture.remove() }
        }
    }

    @Test func newConnectionsReachTheListenersOfZtunnel() throws {
        let pair = try Pair("new")
        let target = try pair.neighbour.inside { try TestSocket.listen(8080) }
        let (outbound, inbound, application) = try pair.workload.inside {
            (try TestSocket.listen(15001), try TestSocket.listen(15006), try TestSocket.listen(8080))
        }
        try pair.workload.inside { try WorkloadCapture().apply() }
        for (neighbour, workload) in Pair.addresses {
            let outgoing = try pair.workload.inside { try TestSocket.connect(neighbour, 8080).get() }
            #expect(try outbound.accept().send("from ztunnel"))
            #expect(outgoing.receive() == "from ztunnel")
            let incoming = try pair.neighbour.inside { try TestSocket.connect(workload, 8080).get() }
            #expect(try inbound.accept().send("from ztunnel"))
            #expect(incoming.receive() == "from ztunnel")
            // ztunnel's own connection, by its mark, is not captured.
            let own = try pair.workload.inside { try TestSocket.connect(neighbour, 8080, mark: 0x539).get() }
            #expect(try target.accept().send("direct"))
            #expect(own.receive() == "direct")
            // Nor are calls of the workload to itself, by either of its addresses.
            for itself in [workload, workload.contains(":") ? "::1" : "127.0.0.1"] {
                let call = try pair.workload.inside { try TestSocket.connect(itself, 8080).get() }
                #expect(try application.accept().send("myself"))
                #expect(call.receive() == "myself")
            }
            // Mutual TLS arrives at its own listener.
            let tunnel = try pair.workload.inside { try TestSocket.listen(15008) }
            let client = try pair.neighbour.inside { try TestSocket.connect(workload, 15008).get() }
            #expect(try tunnel.accept().send("hbone"))
            #expect(client.receive() == "hbone")
        }
        #expect(application.staysQuiet() && target.staysQuiet())
    }

    @Test func theApplicationAnswersWithTheMarkOfTheConnection() throws {
        let pair = try Pair("mark")
        let application = try pair.workload.inside { try TestSocket.listen(8080) }
        try pair.workload.inside { try WorkloadCapture().apply() }
        for (_, workload) in Pair.addresses {
            let hop = try pair.workload.inside { try TestSocket.connect(workload, 8080, mark: 0x111).get() }
            let accepted = try application.accept()
            #expect(accepted.mark == 0x111)
            #expect(accepted.send("answer") && hop.receive() == "answer")
        }
        let hop = try pair.workload.inside { try TestSocket.connect("127.0.0.1", 8080).get() }
        #expect(try application.accept().mark == 0)
        #expect(hop.send("unmarked"))
    }

    @Test func withoutZtunnelConnectionsAreRefusedAndNeverGoOut() throws {
        let pair = try Pair("gone")
        let target = try pair.neighbour.inside { try TestSocket.listen(8080) }
        let application = try pair.workload.inside { try TestSocket.listen(8080) }
        try pair.workload.inside { try WorkloadCapture().apply() }
        for (neighbour, workload) in Pair.addresses {
            for (namespace, address) in [(pair.workload, neighbour), (pair.neighbour, workload)] {
                let result = try namespace.inside { TestSocket.connect(address, 8080) }
                #expect(throws: TestSocket.ConnectError(number: ECONNREFUSED)) { try result.get() }
            }
        }
        #expect(target.staysQuiet() && application.staysQuiet())
    }

    @Test func untrackedConnectionsAreDroppedNotLeaked() throws {
        let pair = try Pair("notrack")
        let target = try pair.neighbour.inside { try TestSocket.listen(8080) }
        let application = try pair.workload.inside { try TestSocket.listen(8080) }
        try pair.workload.inside { try WorkloadCapture().apply() }
        try pair.workload.run(
            "nft 'add table inet raw; add chain inet raw o { type filter hook output priority -400; }; add chain inet raw i { type filter hook prerouting priority -400; }; add rule inet raw o notrack; add rule inet raw i notrack'"
        )
        for (neighbour, workload) in Pair.addresses {
            for (namespace, address) in [(pair.workload, neighbour), (pair.neighbour, workload)] {
                let result = try namespace.inside { TestSocket.connect(address, 8080) }
                #expect(throws: TestSocket.ConnectError.self) { try result.get() }
            }
        }
        #expect(target.staysQuiet() && application.staysQuiet())
    }

    @Test func excludedInterfacesAreLeftAlone() throws {
        let pair = try Pair("excl")
        let target = try pair.neighbour.inside { try TestSocket.listen(8080) }
        let application = try pair.workload.inside { try TestSocket.listen(8080) }
        try pair.workload.inside { try WorkloadCapture(excludedInterfaces: ["e0"]).apply() }
        for (neighbour, workload) in Pair.addresses {
            let outgoing = try pair.workload.inside { try TestSocket.connect(neighbour, 8080).get() }
            let incoming = try pair.neighbour.inside { try TestSocket.connect(workload, 8080).get() }
            #expect(try target.accept().send("a") && application.accept().send("b"))
            #expect(outgoing.receive() == "a" && incoming.receive() == "b")
        }
    }

    @Test func nameResolutionIsCapturedOnlyWhenAskedFor() throws {
        let pair = try Pair("dns")
        let resolver = try pair.neighbour.inside { try TestSocket.listen(53) }
        let (mesh, outbound) = try pair.workload.inside { (try TestSocket.listen(15053), try TestSocket.listen(15001)) }
        for (neighbour, _) in Pair.addresses {
            try pair.workload.inside { try WorkloadCapture(dns: true).apply() }
            let asked = try pair.workload.inside { try TestSocket.connect(neighbour, 53).get() }
            #expect(try mesh.accept().send("mesh"))
            #expect(asked.receive() == "mesh")
            try pair.workload.inside { try WorkloadCapture(dns: false).apply() }
            let captured = try pair.workload.inside { try TestSocket.connect(neighbour, 53).get() }
            #expect(try outbound.accept().send("tcp"))
            #expect(captured.receive() == "tcp")
        }
        #expect(resolver.staysQuiet())
    }
}
