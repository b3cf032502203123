import HTTPWire
import MeshModel
import NodeCore
import Testing
import ZtunnelCore

/// Workloads that share a host's address (D4), with real connections between hosts, in every direction.
@Suite(.serialized, .timeLimit(.minutes(3))) struct SharedAddressTests {
    private static let web = TestHosts.Unit(name: "web", host: "a", ports: [8080])
    private static let database = TestHosts.Unit(name: "db", host: "a", ports: [5432])
    private static let client = TestHosts.Unit(name: "client", host: "b")

    private func exchange(_ socket: TestSocket, _ text: String = "hello") -> TestSocket.Received {
        socket.send(text)
        return socket.receive()
    }

    @Test(arguments: [1, 2]) func eachUnitOfAnAddressHasItsOwnIdentity(_ workers: Int) throws {
        let hosts = try TestHosts("id\(workers)", [Self.web, Self.database, Self.client], workers: workers)
        let server = try hosts.serve(on: "a", port: 8080, TestServer.naming("web"))
        try hosts.serve(on: "a", port: 5432, TestServer.naming("db"))
        for (port, name) in [(8080, "web"), (5432, "db")] as [(UInt16, String)] {
            #expect(try hosts.connect(from: "client", to: "a", port: port).receive() == .text(name))
            #expect(try hosts.connect(from: "client", to: "a", port: port, ipv6: true).receive() == .text(name))
            for direction in ["outbound", "inbound"] {
                hosts.log.wait(
                    for: "connection complete", "direction=\"\(direction)\"", "dst.workload=\"\(name)\"",
                    "src.identity=\"spiffe://cluster.local/ns/default/sa/client\"",
                    "dst.identity=\"spiffe://cluster.local/ns/default/sa/\(name)\"")
            }
        }
        // The application sees the client's own address.
        #expect(server.clients == [hosts.address("b"), hosts.address("b", ipv6: true)])
    }

    @Test func policyTellsUnitsOfAnAddressApartAsServersAndAsClients() throws {
        let other = TestHosts.Unit(name: "other", host: "b")
        let hosts = try TestHosts("pol", [Self.web, Self.database, Self.client, other])
        try hosts.serve(on: "a", port: 8080, TestServer.echo)
        try hosts.serve(on: "a", port: 5432, TestServer.echo)
        hosts.publish(
            policies: [
                .deny("no-other", principal: "cluster.local/ns/default/sa/other", scope: .workloadSelector)
            ], attached: ["db": ["default/no-other"]])
        #expect(exchange(try hosts.connect(from: "client", to: "a", port: 5432)) == .text("hello"))
        #expect(exchange(try hosts.connect(from: "other", to: "a", port: 5432)) == .reset)
        #expect(exchange(try hosts.connect(from: "other", to: "a", port: 8080)) == .text("hello"))
        hosts.log.wait(
            for: "direction=\"inbound\"", "src.workload=\"other\"", "dst.workload=\"db\"",
            "explicitly denied by: default/no-other")
    }

    @Test func unitsOfOneHostReachEachOtherThroughTheMesh() throws {
        let hosts = try TestHosts("same", [Self.web, Self.database])
        try hosts.serve(on: "a", port: 5432, TestServer.echo)
        #expect(exchange(try hosts.connect(from: "web", to: "a", port: 5432)) == .text("hello"))
        hosts.log.wait(
            for: "connection complete", "direction=\"inbound\"", "dst.hbone_addr", "src.workload=\"web\"",
            "src.identity=\"spiffe://cluster.local/ns/default/sa/web\"",
            "dst.identity=\"spiffe://cluster.local/ns/default/sa/db\"")
    }

    @Test func portsOfTheHostThatNoUnitHasStayOutsideOfTheMesh() throws {
        let hosts = try TestHosts("own", [Self.web, Self.client])
        try hosts.serve(on: "a", port: 2222, TestServer.echo)
        #expect(exchange(try hosts.connect(from: "client", to: "a", port: 2222)) == .text("hello"))
        #expect(try hosts.connections(on: "b").allSatisfy { $0.transport == .tcp })
        hosts.log.wait(for: "direction=\"outbound\"", "dst.addr=\(hosts.address("a")):2222")
    }

    @Test func plainTextGoesToTheUnitThatHasThePort() throws {
        let hosts = try TestHosts("plain", [Self.web, Self.database], outside: ["c"])
        let server = try hosts.serve(on: "a", port: 8080, TestServer.echo)
        #expect(
            exchange(try hosts.connect(outsiderOn: "c", toAddress: hosts.address("a"), port: 8080)) == .text("hello"))
        #expect(server.clients == [hosts.address("c")])
        hosts.log.wait(for: "direction=\"inbound\"", "dst.workload=\"web\"")
        // The rules of the test redirect 7777, which nobody has.
        try hosts.serve(on: "a", port: 7777, TestServer.echo)
        #expect(exchange(try hosts.connect(outsiderOn: "c", toAddress: hosts.address("a"), port: 7777)) == .reset)
        hosts.log.wait(for: "connection failed", "no workload of this host has port 7777")
        hosts.publish(policies: [.strict])
        #expect(exchange(try hosts.connect(outsiderOn: "c", toAddress: hosts.address("a"), port: 8080)) == .reset)
    }

    @Test func aProcessThatWasNotRedirectedDoesNotSpeakAsAUnit() throws {
        let hosts = try TestHosts("direct", [Self.web, Self.client])
        try hosts.serve(on: "a", port: 8080, TestServer.echo)
        let port = try hosts.place("client").outboundPort
        for address in ["127.0.0.1", "::1"] {
            #expect(exchange(try hosts.connect(outsiderOn: "b", toAddress: address, port: port)) == .reset)
        }
        hosts.log.wait(for: "connection failed", "direction=\"outbound\"", "the connection was not captured")
        // From other hosts, and on other addresses, nobody listens.
        #expect(throws: TestSocket.ConnectError.self) {
            try hosts.connect(outsiderOn: "b", toAddress: hosts.address("b"), port: port)
        }
        #expect(exchange(try hosts.connect(from: "client", to: "a", port: 8080)) == .text("hello"))
    }

    @Test func aServerNameChoosesTheIdentityAndThePortMustBeItsOwn() throws {
        let hosts = try TestHosts("sni", [Self.web, Self.database], outside: ["c"])
        try hosts.serve(on: "a", port: 8080, TestServer.echo)
        let host = hosts.address("a")
        let tunnel = try hosts.rawTunnel(
            from: "c", to: "a", expecting: TestMesh.identity("web"), serverName: "web.default.cluster.local")
        #expect(try tunnel.request(.connect(authority: "\(host):8080")) == 200)
        #expect(try tunnel.request(.connect(authority: "\(host):5432")) == 400)
        hosts.log.wait(for: "connection failed", "port 5432 is not a port of workload default/web")
        #expect(try tunnel.request(.connect(authority: "\(host):22")) == 400)
        #expect(try tunnel.request(.connect(authority: "10.1.2.3:8080")) == 400)
        #expect(try tunnel.request(.connect(authority: "web.default.svc.cluster.local:8080")) == 200)
        #expect(try tunnel.request(.connect(authority: "db.default.svc.cluster.local:5432")) == 400)

        #expect(throws: RawTunnel.Failure.self) {
            try hosts.rawTunnel(
                from: "c", to: "a", expecting: TestMesh.identity("web"), serverName: "gone.default.cluster.local")
        }
        hosts.log.wait(for: "connection failed", "no workload of this host is called gone.default.cluster.local")
        #expect(throws: RawTunnel.Failure.self) {
            try hosts.rawTunnel(from: "c", to: "a", expecting: TestMesh.identity("web"), serverName: nil)
        }
        hosts.log.wait(for: "connection failed", "the client sent no server name (SNI), and 2 identities share \(host)")
    }

    @Test func withoutAServerNameTheOnlyIdentityAnswers() throws {
        let twin = TestHosts.Unit(name: "twin", account: "web", host: "a", ports: [9090])
        let hosts = try TestHosts("twin", [Self.web, twin], outside: ["c"])
        try hosts.serve(on: "a", port: 8080, TestServer.echo)
        try hosts.serve(on: "a", port: 9090, TestServer.echo)
        let host = hosts.address("a")
        let tunnel = try hosts.rawTunnel(from: "c", to: "a", expecting: TestMesh.identity("web"), serverName: nil)
        #expect(try tunnel.request(.connect(authority: "\(host):8080")) == 200)
        hosts.log.wait(for: "direction=\"inbound\"", "dst.workload=\"web\"")
        #expect(try tunnel.request(.connect(authority: "\(host):9090")) == 200)
        hosts.log.wait(for: "direction=\"inbound\"", "dst.workload=\"twin\"")
        // The tunnel outlives the workload that holds it, because the other has the same identity.
        try hosts.remove("twin")
        try hosts.remove("web", mode: .graceful(deadline: .seconds(5)))
        #expect(throws: RawTunnel.Failure.self) { try tunnel.request(.connect(authority: "\(host):8080")) }
    }

    @Test func aTunnelGoesOverToAnotherUnitOfItsIdentity() throws {
        let twin = TestHosts.Unit(name: "twin", account: "web", host: "a", ports: [9090])
        let hosts = try TestHosts("heir", [Self.web, twin], outside: ["c"])
        try hosts.serve(on: "a", port: 8080, TestServer.echo)
        let tunnel = try hosts.rawTunnel(
            from: "c", to: "a", expecting: TestMesh.identity("web"), serverName: "web.default.cluster.local")
        try hosts.remove("twin")
        #expect(try tunnel.request(.connect(authority: "\(hosts.address("a")):8080")) == 200)
        #expect(try tunnel.request(.connect(authority: "\(hosts.address("a")):9090")) == 400)
    }

    @Test func newPortsBreakNoConnection() throws {
        let hosts = try TestHosts("upd", [Self.web, Self.database, Self.client], outside: ["c"])
        try hosts.serve(on: "a", port: 8080, TestServer.echo)
        try hosts.serve(on: "a", port: 8181, TestServer.echo)
        let open = try hosts.connect(from: "client", to: "a", port: 8080)
        #expect(exchange(open) == .text("hello"))
        let tunnel = try hosts.rawTunnel(
            from: "c", to: "a", expecting: TestMesh.identity("web"), serverName: "web.default.cluster.local")
        #expect(try tunnel.request(.connect(authority: "\(hosts.address("a")):8181")) == 400)
        try hosts.update("web", ports: [8181])
        #expect(
            Eventually.holds { (try? tunnel.request(.connect(authority: "\(hosts.address("a")):8181"))) == 200 })
        #expect(try tunnel.request(.connect(authority: "\(hosts.address("a")):8080")) == 400)
        #expect(exchange(open, "still") == .text("still"))
        #expect(throws: DataPlaneError.self) { try hosts.update("web", ports: [5432]) }
        try hosts.remove("db")
        #expect(throws: DataPlaneError.self) { try hosts.update("db", ports: [1]) }
        try hosts.update("web", ports: [5432])
    }

    @Test func theSharedListenersComeWithTheFirstUnitAndGoWithTheLast() throws {
        let hosts = try TestHosts("life", [Self.web, Self.database, Self.client], addsUnits: false)
        try hosts.serve(on: "a", port: 5432, TestServer.echo)
        try hosts.add("client")
        #expect(try hosts.listeners(on: "a", port: 15008) == 0)
        for round in 0..<3 {
            try hosts.add("web")
            try hosts.add("db")
            #expect(exchange(try hosts.connect(from: "client", to: "a", port: 5432)) == .text("hello"))
            try hosts.remove("web")
            #expect(try hosts.listeners(on: "a", port: 15008) == 1, "round \(round)")
            #expect(exchange(try hosts.connect(from: "client", to: "a", port: 5432)) == .text("hello"))
            try hosts.remove("db")
            #expect(Eventually.holds { (try? hosts.listeners(on: "a", port: 15008)) == 0 })
        }
    }

    @Test func aTunnelWaitsForTheCertificateOfTheUnitThatItNames() throws {
        let hosts = try TestHosts(
            "wait", [Self.web, Self.database, Self.client], withoutCertificate: ["web"])
        try hosts.serve(on: "a", port: 8080, TestServer.echo)
        try hosts.serve(on: "a", port: 5432, TestServer.echo)
        let late = try hosts.connect(from: "client", to: "a", port: 8080)
        late.send("early")
        // The others are not held up.
        #expect(exchange(try hosts.connect(from: "client", to: "a", port: 5432)) == .text("hello"))
        try hosts.addCertificate("web")
        #expect(late.receive() == .text("early"))
    }

    @Test func aTunnelForACertificateThatDoesNotComeIsRefused() throws {
        let hosts = try TestHosts(
            "never", [Self.web, Self.client], withoutCertificate: ["web"]
        ) { $0.timeouts.workload = .milliseconds(200) }
        #expect(exchange(try hosts.connect(from: "client", to: "a", port: 8080)) == .reset)
        hosts.log.wait(
            for: "connection failed", "direction=\"inbound\"",
            "no certificate for spiffe://cluster.local/ns/default/sa/web has arrived yet")
    }
}
