import Foundation
import LinuxNetfilter
import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// Enrolment of real network namespaces: in, out, again, after a restart, and what is refused.
@Suite(.timeLimit(.minutes(2))) struct EnrolmentControllerTests {
    private func folder() throws -> String {
        try Command.run("mktemp -d").split(separator: "\n").first.map(String.init) ?? "/nowhere"
    }

    private func everything(_ namespace: TestNamespace) throws -> String {
        try namespace.run("nft list ruleset") + namespace.run("ip rule") + namespace.run("ip -6 rule")
            + namespace.run("ip route show table all") + namespace.run("ip -6 route show table all")
            + namespace.run("ss -Hlntu")
    }

    @Test func inAndOutLeavesNothingBehind() throws {
        let namespace = try TestNamespace("enrolio")
        let before = try everything(namespace)
        let node = try TestEnrolments(folder: try folder(), authority: try TestAuthority())
        defer { node.stop() }
        let status = try node.enrol("web", target: namespace.name).get()
        #expect(status.problem == nil)
        let listening = try namespace.run("ss -Hlntu")
        for port in ["15001", "15006", "15008", "127.0.0.1:15053", "[::1]:15053"] {
            #expect(listening.contains(port), "\(port) in \(listening)")
        }
        #expect(try namespace.run("nft list tables").contains(WorkloadCapture.table))
        // The same order again is one order.
        #expect(try node.enrol("web", target: namespace.name).get().problem == nil)
        #expect(try node.statuses().count == 1)
        _ = try node.unenrol("web").get()
        #expect(Eventually.holds { (try? self.everything(namespace)) == before })
        #expect(try node.statuses().isEmpty)
        let again = #expect(throws: EnrolmentError.self) { try node.unenrol("web").get() }
        #expect(again?.code == .unknown)
    }

    /// A namespace with an application on 8080, and a neighbour that is in no mesh.
    private struct Neighbours {
        let hub: TestNamespace
        let namespace: TestNamespace
        let neighbour: TestNamespace
        let server: TestServer

        init(_ label: String) throws {
            hub = try TestNamespace.hub(label)
            namespace = try TestNamespace(label + "w")
            neighbour = try TestNamespace(label + "n")
            try namespace.join(hub, "m1", ipv4: "10.97.0.1", ipv6: "fd97::1")
            try neighbour.join(hub, "m2", ipv4: "10.97.0.2", ipv6: "fd97::2")
            server = try namespace.inside { try TestServer(port: 8080, TestServer.echo) }
        }

        static let snapshot: MeshSnapshot = {
            var builder = SnapshotBuilder()
            return builder.apply(updates: [
                .workload(
                    Workload(
                        uid: "web", name: "web", namespace: "test", addresses: [IPAddress(ipv4: 10, 97, 0, 1)],
                        serviceAccount: "web"))
            ])
        }()

        /// What an enrolment changes in the namespace.
        func state() throws -> String {
            try namespace.run(
                "sh -c 'nft list ruleset; ip rule; ip -6 rule; ip route show table 100 2>/dev/null; ip -6 route show table 100 2>/dev/null; ss -Hlntu'"
            )
        }

        func connect() throws -> TestSocket { try neighbour.inside { try TestSocket.connect("10.97.0.1", 8080) } }
    }

    private func exchange(_ socket: TestSocket, _ text: String) -> Bool {
        socket.send(text)
        return socket.receive() == .text(text)
    }

    @Test func leavingLetsWhatIsOpenGoOnAndCapturesNothingNew() throws {
        let place = try Neighbours("leave")
        let before = try place.state()
        let node = try TestEnrolments(
            folder: try folder(), snapshot: Neighbours.snapshot, authority: try TestAuthority())
        defer { node.stop() }
        _ = try node.enrol("web", target: place.namespace.name).get()
        let first = try place.connect()
        #expect(exchange(first, "one"))
        #expect(node.liveConnections == 1)
        _ = try node.unenrol("web").get()
        #expect(try node.statuses().isEmpty)
        #expect(exchange(first, "two"))
        // A new one reaches the application itself.
        let direct = try place.connect()
        #expect(exchange(direct, "direct"))
        #expect(node.liveConnections == 1)
        // Enrolled again, and out again, while the first is still open: it goes on beside a second one.
        _ = try node.enrol("web", target: place.namespace.name).get()
        let second = try place.connect()
        #expect(exchange(second, "three") && exchange(first, "three") && exchange(direct, "three"))
        #expect(node.liveConnections == 2)
        _ = try node.unenrol("web").get()
        second.finishSending()
        #expect(second.receive() == .end)
        #expect(Eventually.holds { node.liveConnections == 1 })
        // The rules are there for the sake of the first alone.
        #expect(exchange(first, "four") && exchange(direct, "four"))
        #expect(try place.namespace.run("nft list tables").contains(WorkloadCapture.table))
        first.finishSending()
        #expect(first.receive() == .end)
        #expect(Eventually.holds { (try? place.state()) == before })
        #expect(exchange(direct, "five"))
    }

    @Test func aRestartTakesAwayWhatALeaverHasLeft() throws {
        let place = try Neighbours("leavre")
        let before = try place.state()
        let folder = try folder()
        let authority = try TestAuthority()
        let first = try TestEnrolments(folder: folder, snapshot: Neighbours.snapshot, authority: authority)
        _ = try first.enrol("web", target: place.namespace.name).get()
        let socket = try place.connect()
        #expect(exchange(socket, "one"))
        _ = try first.unenrol("web").get()
        #expect(exchange(socket, "two"))
        first.stop()
        #expect(try place.namespace.run("nft list tables").contains(WorkloadCapture.table))
        let second = try TestEnrolments(folder: folder, snapshot: Neighbours.snapshot, authority: authority)
        defer { second.stop() }
        second.restore()
        #expect(Eventually.holds { (try? place.state()) == before })
        #expect(try second.statuses().isEmpty)
    }

    @Test func whatAnOlderGenerationCarriesKeepsTheRules() throws {
        let place = try Neighbours("leavgen")
        let node = try TestEnrolments(
            folder: try folder(), snapshot: Neighbours.snapshot, authority: try TestAuthority())
        defer { node.stop() }
        node.setOlderGenerations(true)
        _ = try node.enrol("web", target: place.namespace.name).get()
        _ = try node.unenrol("web").get()
        #expect(try place.namespace.run("nft list tables").contains(WorkloadCapture.table))
        node.setOlderGenerations(false)
        #expect(
            Eventually.holds { (try? place.namespace.run("nft list tables"))?.contains(WorkloadCapture.table) == false }
        )
    }

    @Test func aRestartServesWhatWasEnrolledAndRefusesInBetween() throws {
        let namespace = try TestNamespace("enrolre")
        let folder = try folder()
        let authority = try TestAuthority()
        let first = try TestEnrolments(folder: folder, authority: authority)
        _ = try first.enrol("web", target: namespace.name).get()
        first.stop()
        // Without ztunnel the rules stay and nobody listens.
        #expect(try namespace.run("nft list tables").contains(WorkloadCapture.table))
        #expect(try !namespace.run("ss -Hlnt").contains("15001"))
        let second = try TestEnrolments(folder: folder, authority: authority)
        defer { second.stop() }
        second.restore()
        #expect(Eventually.holds { (try? second.statuses().first?.problem) == .some(nil) })
        #expect(try namespace.run("ss -Hlnt").contains("15001"))
        _ = try second.unenrol("web").get()
    }

    @Test func aNamespaceThatGoesAndComesBackIsServedAgain() throws {
        var namespace: TestNamespace? = try TestNamespace("enrolgo")
        let name = try #require(namespace?.name)
        let node = try TestEnrolments(folder: try folder(), authority: try TestAuthority())
        defer { node.stop() }
        node.restore()
        _ = try node.enrol("web", target: name).get()
        namespace = nil
        #expect(
            Eventually.holds(seconds: 20) {
                (try? node.statuses().first?.problem)?.flatMap(\.self)?.contains("there is no network namespace")
                    == true
            })
        let back = try TestNamespace("enrolgo")
        #expect(back.name == name)
        #expect(Eventually.holds(seconds: 20) { (try? node.statuses().first?.problem) == .some(nil) })
        #expect(try back.run("nft list tables").contains(WorkloadCapture.table))
        _ = try node.unenrol("web").get()
    }

    @Test func conflictsAreRefusedWithWhatToDo() throws {
        let one = try TestNamespace("enrolc1")
        let two = try TestNamespace("enrolc2")
        let node = try TestEnrolments(folder: try folder(), authority: try TestAuthority())
        defer { node.stop() }
        _ = try node.enrol("web", target: one.name).get()
        let cases: [(String, String, String?, EnrolmentError.Code, String)] = [
            (
                "web", two.name, nil, .conflict,
                "the name test/web is taken by the network namespace \(one.name)"
            ),
            ("web", one.name, "other", .conflict, "test/web is enrolled with the service account web, not other"),
            ("db", one.name, nil, .conflict, "the network namespace \(one.name) is enrolled already, as test/web"),
            ("db", "ztcnowhere", nil, .unknown, "there is no network namespace ztcnowhere"),
            ("db", "/proc/self/ns/net", nil, .invalid, "is the network namespace of ztunnel itself"),
            ("db", "/etc/passwd", nil, .failed, "cannot"),
        ]
        for (name, target, account, code, problem) in cases {
            let error = #expect(throws: EnrolmentError.self) {
                try node.enrol(name, target: target, account: account).get()
            }
            #expect(error?.code == code && error?.problem.contains(problem) == true, "\(error?.description ?? "")")
        }
        #expect(try node.statuses().map(\.record.name) == ["web"])
        try two.run("ip link set lo down")
        let down = #expect(throws: EnrolmentError.self) { try node.enrol("db", target: two.name).get() }
        #expect(down?.remedy == "run `ip -n \(two.name) link set lo up` and enrol again")
        #expect(try two.run("nft list ruleset") == "")
        _ = try node.unenrol("web").get()
    }

    @Test func aPortInUseLeavesTheNamespaceAsItWas() throws {
        let namespace = try TestNamespace("enrolpt")
        let busy = try namespace.inside { try TestSocket.listen(15006) }
        let node = try TestEnrolments(folder: try folder(), authority: try TestAuthority())
        defer { node.stop() }
        let error = #expect(throws: EnrolmentError.self) { try node.enrol("web", target: namespace.name).get() }
        #expect(error?.code == .failed && error?.remedy.contains("15006") == true)
        #expect(try namespace.run("nft list ruleset") == "")
        #expect(try node.statuses().isEmpty)
        withExtendedLifetime(busy) {}
    }

    @Test func namesOfTheMeshAreAnsweredInTheNamespace() throws {
        let namespace = try TestNamespace("enroldns")
        let service = Service(
            name: "echo", namespace: "test", hostname: "echo.test.svc.cluster.local",
            addresses: [NetworkAddress(network: "", ip: IPAddress(ipv4: 10, 96, 0, 10))])
        let workload = Workload(
            uid: "web", name: "web", namespace: "test", addresses: [IPAddress(ipv4: 10, 0, 0, 1)],
            serviceAccount: "web")
        var builder = SnapshotBuilder()
        let snapshot = builder.apply(updates: [.service(service), .workload(workload)])
        let node = try TestEnrolments(
            folder: try folder(), snapshot: snapshot, authority: try TestAuthority(), dnsUpstream: ["127.0.0.1:5399"])
        defer { node.stop() }
        _ = try node.enrol("web", target: namespace.name).get()
        try namespace.run("ip link add e0 type veth peer name e1")
        try namespace.run("ip addr add 10.0.0.1/24 dev e0")
        for end in ["e0", "e1"] { try namespace.run("ip link set \(end) up") }
        try namespace.run("ip route add default via 10.0.0.254")
        let ask = "python3 \(TestControlPlane.root.path)/Tests/Tools/ask-dns"
        for transport in ["udp", "tcp"] {
            let answer = try namespace.run("\(ask) 192.0.2.53 echo.test.svc.cluster.local A \(transport)")
            #expect(answer == "NOERROR 10.96.0.10\n")
        }
        // A name that the mesh does not know goes to the resolver, which is asked in the namespace and echoes a fixed answer.
        let resolver = try namespace.inside { try TestDatagrams(port: 5399) }
        TestThread.start { resolver.answerOnce(address: [192, 0, 2, 80]) }
        #expect(try namespace.run("\(ask) 192.0.2.53 www.example.com A udp") == "NOERROR 192.0.2.80\n")
        #expect(try namespace.run("\(ask) 192.0.2.53 silent.example.com A udp") == "SERVFAIL\n")
        _ = try node.unenrol("web").get()
    }
}
