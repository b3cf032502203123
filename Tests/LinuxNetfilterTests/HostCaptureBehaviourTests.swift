import Glibc
import LinuxNetfilter
import Testing

/// What the host's rules do to real connections: of workloads, of their neighbours on the host, and from outside.
///
/// Workload `a` is a control group and serves 8080; 7070 is a port that it listens on without having declared it. Workload `b`
/// is the user 4242 and serves 9090. ztunnel's listeners are sockets of the test with ztunnel's mark.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HostCaptureBehaviourTests {
    private struct Listeners {
        let a: TestSocket
        let b: TestSocket
        let inbound: TestSocket

        init(mark: UInt32? = 0x539) throws {
            a = try TestSocket.listen(16001, mark: mark)
            b = try TestSocket.listen(16003, mark: mark)
            inbound = try TestSocket.listen(15006, mark: mark)
        }

        /// Which of them a connection has reached, "none" if it was none.
        func reached() -> String {
            for (name, socket) in [("a", a), ("b", b), ("inbound", inbound)] where !socket.staysQuiet() {
                _ = try? socket.accept()
                return name
            }
            return "none"
        }
    }

    private static func capture(_ group: ControlGroupPath) -> HostCapture {
        HostCapture(workloads: [
            .init(senders: [.controlGroup(group)], outboundPort: 16001, dnsPort: 16002, ports: [8080]),
            .init(senders: [.user(4242)], outboundPort: 16003, dnsPort: 16004, ports: [9090]),
        ])
    }

    private static let families = [
        (neighbour: "10.77.0.1", own: "10.77.0.2", loopback: "127.0.0.1"),
        (neighbour: "fd77::1", own: "fd77::2", loopback: "::1"),
    ]

    @Test func connectionsOfWorkloadsReachTheirOwnPortOfZtunnel() throws {
        try TestHost.run("hostout") { host in
            let group = try host.group("a")
            let inner = try host.group("a/x.service")
            let other = try host.group("c")
            let target = try host.neighbour.inside { try TestSocket.listen(80) }
            let ztunnel = try Listeners()
            try Self.capture(group).load()
            for family in Self.families {
                let cases: [(ControlGroupPath?, Int?, String, UInt16, String)] = [
                    (group, nil, family.neighbour, 80, "a"), (inner, nil, family.neighbour, 80, "a"),
                    (nil, 4242, family.neighbour, 80, "b"), (other, 4242, family.neighbour, 80, "b"),
                    // The control group says more than the user.
                    (group, 4242, family.neighbour, 80, "a"),
                    // An address of this very host, whoever listens there.
                    (group, nil, family.own, 9090, "a"), (group, nil, family.own, 22, "a"),
                ]
                for (group, user, address, port, expected) in cases {
                    #expect(try host.connect(address, port, group: group, user: user) == "connected")
                    #expect(ztunnel.reached() == expected, "\(address) \(port) of \(group?.description ?? "-")")
                }
                // Others of the host, and ztunnel itself, are left alone.
                #expect(target.staysQuiet())
                #expect(try host.connect(family.neighbour, 80, group: other) == "connected")
                _ = try target.accept()
                #expect(try host.connect(family.neighbour, 80, group: group, mark: 0x539) == "connected")
                _ = try target.accept()
            }
            #expect(ztunnel.reached() == "none")
        }
    }

    @Test func questionsOfWorkloadsReachTheMeshDNSWhateverResolverTheyAsk() throws {
        try TestHost.run("hostdns") { host in
            let group = try host.group("a")
            let streams = try TestSocket.listen(16002, mark: 0x539)
            let datagrams = try TestDatagrams(16002, mark: 0x539)
            try Self.capture(group).load()
            for address in ["127.0.0.53", "10.77.0.1", "fd77::1", "::1"] {
                #expect(try host.connect(address, 53, group: group) == "connected")
                _ = try streams.accept()
                try host.ask(address, group: group)
                #expect(datagrams.receive() == "question")
            }
        }
    }

    @Test func callsToAPortOfAWorkloadGoThroughZtunnelWhoeverMakesThem() throws {
        try TestHost.run("hostin") { host in
            let group = try host.group("a")
            let other = try host.group("c")
            try host.listen([8080, 7070], group: group)
            let ztunnel = try Listeners()
            try Self.capture(group).load()
            for family in Self.families {
                // From another host.
                for (port, outcome) in [(UInt16(8080), "inbound"), (7070, "dropped")] {
                    let result = try host.neighbour.inside { TestSocket.connect(family.own, port) }
                    if outcome == "dropped" {
                        #expect(throws: TestSocket.ConnectError.self) { try result.get() }
                    } else {
                        _ = try result.get()
                        #expect(ztunnel.reached() == outcome)
                    }
                }
                let cases: [(ControlGroupPath?, Int?, String, UInt16, String, String)] = [
                    // Another program of the host, and another workload of it.
                    (nil, nil, family.own, 8080, "connected", "inbound"),
                    (nil, nil, family.loopback, 8080, "connected", "inbound"),
                    (other, nil, family.loopback, 8080, "connected", "inbound"),
                    (nil, 4242, family.loopback, 8080, "connected", "inbound"),
                    (nil, nil, family.loopback, 7070, "dropped", "none"),
                    (nil, nil, family.own, 7070, "dropped", "none"),
                    (nil, 4242, family.loopback, 7070, "dropped", "none"),
                    // The workload itself, over loopback.
                    (group, nil, family.loopback, 8080, "connected", "none"),
                    (group, nil, family.loopback, 7070, "connected", "none"),
                ]
                for (caller, user, address, port, outcome, reached) in cases {
                    let said = try host.connect(address, port, group: caller, user: user)
                    #expect(said == outcome, "\(address) \(port) of \(caller?.description ?? "-") \(user ?? 0)")
                    #expect(
                        ztunnel.reached() == reached, "\(address) \(port) of \(caller?.description ?? "-") \(user ?? 0)"
                    )
                }
                // ztunnel on its way to the application.
                #expect(try host.connect(family.own, 8080, mark: 0x539) == "connected")
                #expect(try host.connect(family.loopback, 8080, mark: 0x539) == "connected")
            }
            #expect(ztunnel.reached() == "none")
        }
    }

    @Test func withoutZtunnelConnectionsAreRefusedAndNobodyElseGetsThem() throws {
        try TestHost.run("hoststop") { host in
            let group = try host.group("a")
            try host.listen([8080], group: group)
            let target = try host.neighbour.inside { try TestSocket.listen(80) }
            try Self.capture(group).load()
            for family in Self.families {
                #expect(try host.connect(family.neighbour, 80, group: group) == "refused")
                #expect(try host.connect(family.loopback, 8080) == "refused")
                let result = try host.neighbour.inside { TestSocket.connect(family.own, 8080) }
                #expect(throws: TestSocket.ConnectError(number: ECONNREFUSED)) { try result.get() }
            }
            // A program that listens in ztunnel's place has no mark of ztunnel on its sockets.
            let impostor = try Listeners(mark: nil)
            for family in Self.families {
                #expect(try host.connect(family.neighbour, 80, group: group) == "dropped")
                #expect(try host.connect(family.loopback, 8080) == "dropped")
                let result = try host.neighbour.inside { TestSocket.connect(family.own, 8080) }
                #expect(throws: TestSocket.ConnectError.self) { try result.get() }
            }
            #expect(impostor.reached() == "none" && target.staysQuiet())
        }
    }

    @Test func connectionsOpenBeforeEnrolmentGoOnUntouched() throws {
        try TestHost.run("hostold") { host in
            let group = try host.group("a")
            let there = try host.neighbour.inside { try TestSocket.listen(80) }
            let here = try TestSocket.listen(8080)
            for family in Self.families {
                let outgoing = try TestSocket.connect(family.neighbour, 80).get()
                let outgoingPeer = try there.accept()
                let incoming = try host.neighbour.inside { try TestSocket.connect(family.own, 8080).get() }
                let incomingPeer = try here.accept()
                try Self.capture(group).load()
                for (from, to) in [
                    (outgoing, outgoingPeer), (outgoingPeer, outgoing), (incoming, incomingPeer),
                    (incomingPeer, incoming),
                ] {
                    #expect(from.send("still here"))
                    #expect(to.receive() == "still here")
                }
                try HostCapture.remove()
            }
        }
    }

    /// conntrack knows a captured connection for a while after its end; ztunnel may get its client's port by chance.
    @Test func aPortOfAnEarlierCapturedConnectionDoesNotLeadBackToZtunnel() throws {
        try TestHost.run("hostport") { host in
            let group = try host.group("a")
            let application = try TestSocket.listen(8080)
            let ztunnel = try Listeners()
            try Self.capture(group).load()
            for family in Self.families {
                let client = (host: family.neighbour, port: UInt16(45_001))
                let plain = try host.neighbour.inside {
                    try TestSocket.connect(family.own, 8080, from: client).get()
                }
                try ztunnel.inbound.accept().reset()
                plain.reset()
                let forwarded = try TestSocket.connect(family.own, 8080, mark: 0x539, from: client).get()
                #expect(ztunnel.inbound.staysQuiet(), "ztunnel's own connection was captured")
                let served = try application.accept()
                #expect(served.send("answer"))
                #expect(forwarded.receive() == "answer")
                // The workload leaves; what is open goes on.
                try HostCapture(workloads: []).replaceElements()
                #expect(forwarded.send("question") && served.receive() == "question")
                #expect(served.send("answer") && forwarded.receive() == "answer")
                try Self.capture(group).replaceElements()
            }
        }
    }

    @Test func untrackedConnectionsAreDroppedNotLeaked() throws {
        try TestHost.run("hostraw") { host in
            let group = try host.group("a")
            try host.listen([8080], group: group)
            let target = try host.neighbour.inside { try TestSocket.listen(80) }
            try Self.capture(group).load()
            try Command.run(
                "nft 'add table inet raw; add chain inet raw o { type filter hook output priority -400; }; add chain inet raw i { type filter hook prerouting priority -400; }; add rule inet raw o notrack; add rule inet raw i notrack'"
            )
            for family in Self.families {
                #expect(try host.connect(family.neighbour, 80, group: group) == "dropped")
                #expect(try host.connect(family.loopback, 8080) == "dropped")
                let result = try host.neighbour.inside { TestSocket.connect(family.own, 8080) }
                #expect(throws: TestSocket.ConnectError.self) { try result.get() }
            }
            #expect(target.staysQuiet())
        }
    }

    @Test func listenersAreFoundWithTheirControlGroupAndUser() throws {
        try TestHost.run("hostdiag") { host in
            let group = try host.group("a")
            try host.listen([8080], group: group)
            try host.listen([9090], user: 4242)
            let marked = try TestSocket.listen(15006, on: "127.0.0.1", mark: 0x539)
            var diagnostics = try SocketDiagnostics()
            let found = try diagnostics.listeners()
            let first = try #require(found.first { $0.port == 8080 })
            var facts = stat()
            #expect(stat(group.folder, &facts) == 0)
            #expect(first.controlGroup == UInt64(facts.st_ino) && !first.isLoopback && first.inode > 0)
            #expect(found.first { $0.port == 9090 }?.user == 4242)
            let own = try #require(found.first { $0.port == 15006 })
            #expect(own.mark == 0x539 && own.isLoopback)
            withExtendedLifetime(marked) {}
        }
    }
}
