import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// Workloads that go, endpoints that fail, certificates that are late, bounds that are reached.
@Suite(.serialized, .timeLimit(.minutes(3))) struct LifecycleTests {
    @Test func removingAWorkloadEndsItsConnectionsAtOnce() throws {
        let mesh = try TestMesh("rem", enrolled: ["client", "server"]) { $0.timeouts.connect = .milliseconds(500) }
        try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("a")
        #expect(socket.receive() == .text("a"))
        mesh.remove("server", mode: .immediate)
        #expect(socket.receive() == .reset)
        mesh.log.wait(
            for: "connection complete", "direction=\"inbound\"", "error=\"connection closed due to connection drain\"")
        let late = try mesh.connect(from: "client", to: "server", port: 8080)
        late.send("b")
        #expect(late.receive() == .reset)
    }

    @Test func aDrainLetsConnectionsFinishAndTakesNoNewOnes() throws {
        let mesh = try TestMesh("drain", enrolled: ["client", "server"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("a")
        #expect(socket.receive() == .text("a"))
        let done = mesh.drain(.graceful(deadline: .seconds(30)))
        // The order reaches the worker a moment later; from then on nobody listens.
        #expect(Eventually.holds { (try? mesh.connect(from: "client", to: "server", port: 8080)) == nil })
        socket.send("still")
        #expect(socket.receive() == .text("still"))
        #expect(!done.isSet)
        socket.finishSending()
        #expect(socket.receive() == .end)
        #expect(done.wait())
    }

    @Test func theDeadlineOfADrainCutsTheRest() throws {
        let mesh = try TestMesh("dead", enrolled: ["client", "server"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("a")
        #expect(socket.receive() == .text("a"))
        let done = mesh.drain(.graceful(deadline: .milliseconds(300)))
        #expect(socket.receive() == .reset)
        #expect(done.wait())
        mesh.log.wait(for: "error=\"connection closed due to connection drain\"")
    }

    @Test func anotherEndpointIsTriedBeforeTheClientSeesAnError() throws {
        let mesh = try TestMesh("retry", enrolled: ["client", "one", "two"])
        // Only one of the two endpoints listens.
        try mesh.serve("two", port: 8080, TestServer.naming("two"))
        mesh.publish(services: [mesh.service("pair", vip: "10.200.0.1", endpoints: ["one", "two"])])
        for _ in 0..<8 {
            let socket = try mesh.connect(from: "client", toAddress: "10.200.0.1", port: 80)
            #expect(socket.receive() == .text("two"))
        }
    }

    @Test func aServiceWithoutAnEndpointThatAnswersFailsAfterBoundedAttempts() throws {
        let mesh = try TestMesh("noend", enrolled: ["client", "one", "two"])
        mesh.publish(services: [mesh.service("pair", vip: "10.200.0.1", endpoints: ["one", "two"])])
        let socket = try mesh.connect(from: "client", toAddress: "10.200.0.1", port: 80)
        socket.send("x")
        #expect(socket.receive() == .reset)
        mesh.log.wait(for: "connection complete", "direction=\"outbound\"", "error=\"http status: 503\"")
    }

    @Test func aConnectionWaitsForAPeerThatIsServedAgain() throws {
        let mesh = try TestMesh("again", enrolled: ["client", "server"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        mesh.remove("server", mode: .immediate)
        // Nobody listens on its HBONE port now, as while a ztunnel without a service manager restarts.
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("patience")
        #expect(Eventually.holds { mesh.connections().contains { $0.direction == .outbound } })
        try mesh.add("server")
        #expect(socket.receive() == .text("patience"))
    }

    @Test func aConnectWhoseTunnelDiesBeforeTheAnswerIsSentAgain() throws {
        let mesh = try TestMesh("dies", enrolled: ["client", "server"])
        let server = try mesh.serve("server", port: 8080, TestServer.echo)
        let first = try mesh.connect(from: "client", to: "server", port: 8080)
        first.send("a")
        #expect(first.receive() == .text("a"))
        // From here on every packet to the peer's ztunnel is answered with a reset, as after its crash.
        try mesh.run(
            on: "server",
            "nft 'add table inet crash; add chain inet crash in { type filter hook input priority 0; }; add rule inet crash in tcp dport 15008 counter reject with tcp reset'"
        )
        let second = try mesh.connect(from: "client", to: "server", port: 8080)
        second.send("only once")
        #expect(first.receive() == .reset)
        // The CONNECT died with the pooled tunnel; those who wait for an answer do not hear of it.
        #expect(Eventually.holds { mesh.connections().contains { $0.direction == .outbound } })
        try mesh.run(on: "server", "nft delete table inet crash")
        #expect(second.receive() == .text("only once"))
        second.finishSending()
        #expect(second.receive() == .end)
        #expect(server.clients.count == 2)
    }

    @Test func aPeerThatStaysAwayFailsAConnectionAfterTheConnectTimeout() throws {
        let mesh = try TestMesh("away", enrolled: ["client", "server"]) { $0.timeouts.connect = .milliseconds(600) }
        try mesh.serve("server", port: 8080, TestServer.echo)
        mesh.remove("server", mode: .immediate)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("x")
        #expect(socket.receive() == .reset)
        mesh.log.wait(
            for: "connection complete", "direction=\"outbound\"", "error=\"connection failed", "ECONNREFUSED")
    }

    @Test func aDrainWaitsForWhatWasRemovedBefore() throws {
        let mesh = try TestMesh("both", enrolled: ["client", "server"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("a")
        #expect(socket.receive() == .text("a"))
        let gone = mesh.removal("server", mode: .graceful(deadline: .seconds(60)))
        let done = mesh.drain(.graceful(deadline: .seconds(60)))
        socket.send("still")
        #expect(socket.receive() == .text("still"))
        #expect(!done.isSet && !gone.isSet)
        socket.finishSending()
        #expect(socket.receive() == .end)
        #expect(done.wait() && gone.wait())
    }

    @Test func aConnectionWaitsForALateCertificate() throws {
        let mesh = try TestMesh("late", enrolled: ["client", "server"], withoutCertificate: ["client"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("early bytes wait in the kernel")
        try mesh.addCertificate("client")
        #expect(socket.receive() == .text("early bytes wait in the kernel"))
    }

    @Test func withoutACertificateTrafficIsRefusedNeverSentInTheClear() throws {
        let mesh = try TestMesh("nocert", enrolled: ["client", "server"], withoutCertificate: ["client"])
        let server = try mesh.serve("server", port: 8080, TestServer.echo)
        mesh.failCertificate("client", "the control plane refuses default/client")
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("x")
        #expect(socket.receive() == .reset)
        mesh.log.wait(for: "error=\"identity error: the control plane refuses default/client\"")
        #expect(server.clients.isEmpty)
    }

    @Test func aWorkloadThatTheMeshDoesNotKnowIsRefusedAfterItsTime() throws {
        let mesh = try TestMesh("unknown", enrolled: ["client"], outside: ["stranger"]) {
            $0.timeouts.workload = .milliseconds(200)
        }
        try mesh.serve("stranger", port: 9090, TestServer.echo)
        mesh.publish(without: ["client"])
        let socket = try mesh.connect(from: "client", to: "stranger", port: 9090)
        socket.send("x")
        #expect(socket.receive() == .reset)
        mesh.log.wait(for: "failed to fetch information about local workload")
    }
}
