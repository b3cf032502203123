import NodeCore
import Testing
import ZtunnelCore

/// Real connections between enrolled and other workloads, in network namespaces with the real capture rules.
@Suite(.serialized, .timeLimit(.minutes(2))) struct CapturedTrafficTests {
    @Test func enrolledToEnrolledTravelsInATunnelWithBothIdentities() throws {
        let mesh = try TestMesh("hb", enrolled: ["client", "server"])
        let server = try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("hello")
        #expect(socket.receive() == .text("hello"))
        socket.finishSending()
        #expect(socket.receive() == .end)
        // The application sees the client's own address.
        #expect(server.clients == [mesh.address("client")])
        mesh.log.wait(
            for: "access", "connection complete", "direction=\"outbound\"",
            "dst.hbone_addr=\(mesh.address("server")):8080",
            "src.identity=\"spiffe://cluster.local/ns/default/sa/client\"",
            "dst.identity=\"spiffe://cluster.local/ns/default/sa/server\"", "bytes_sent=5", "bytes_recv=5")
        let inbound = mesh.log.wait(
            for: "connection complete", "direction=\"inbound\"",
            "src.identity=\"spiffe://cluster.local/ns/default/sa/client\"",
            "dst.addr=\(mesh.address("server")):15008", "bytes_sent=5", "bytes_recv=5")
        #expect(!inbound.contains("error="))
    }

    @Test func iPv6Works() throws {
        let mesh = try TestMesh("v6", enrolled: ["client", "server"])
        let server = try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080, ipv6: true)
        socket.send("six")
        #expect(socket.receive() == .text("six"))
        #expect(server.clients == [mesh.address("client", ipv6: true)])
        #expect(mesh.connections().contains { $0.transport == .hbone && $0.direction == .outbound })
    }

    @Test func plaintextFromOutsideIsServedWhereNoPolicyForbidsIt() throws {
        let mesh = try TestMesh("pt", enrolled: ["server"], outside: ["stranger"])
        let server = try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "stranger", to: "server", port: 8080)
        socket.send("plain")
        #expect(socket.receive() == .text("plain"))
        #expect(server.clients == [mesh.address("stranger")])
    }

    /// Nobody else would find out that a silent client from outside has vanished.
    @Test func plaintextFromOutsideIsKeptAlive() throws {
        let mesh = try TestMesh("alive", enrolled: ["server"], outside: ["stranger"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "stranger", to: "server", port: 8080)
        socket.send("plain")
        #expect(socket.receive() == .text("plain"))
        let held = try mesh.listing(on: "server", "ss -Htno state established src \(mesh.address("server"))")
        let own = held.split(separator: "\n").filter { $0.contains(mesh.address("stranger")) }
        #expect(own.contains { $0.contains("timer:(keepalive") }, "\(held)")
    }

    @Test func plaintextFromOutsideIsResetUnderStrict() throws {
        let mesh = try TestMesh("st", enrolled: ["client", "server"], outside: ["stranger"])
        mesh.publish(policies: [.strict])
        let server = try mesh.serve("server", port: 8080, TestServer.echo)
        let refused = try mesh.connect(from: "stranger", to: "server", port: 8080)
        refused.send("plain")
        #expect(refused.receive() == .reset)
        mesh.log.wait(
            for: "connection complete", "direction=\"inbound\"",
            "connection closed due to policy rejection: explicitly denied by: istio-system/strict")
        let allowed = try mesh.connect(from: "client", to: "server", port: 8080)
        allowed.send("mtls")
        #expect(allowed.receive() == .text("mtls"))
        #expect(server.clients == [mesh.address("client")])
    }

    @Test func enrolledToOutsidePassesThrough() throws {
        let mesh = try TestMesh("out", enrolled: ["client"], outside: ["stranger"])
        let server = try mesh.serve("stranger", port: 9090, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "stranger", port: 9090)
        socket.send("away")
        #expect(socket.receive() == .text("away"))
        #expect(server.clients == [mesh.address("client")])
    }

    @Test func eachSideMayEndItsDirectionFirst() throws {
        let mesh = try TestMesh("half", enrolled: ["client", "server"])
        // The server answers only after the client has finished.
        try mesh.serve("server", port: 8080) { socket in
            var all = ""
            while case .text(let text) = socket.receive() { all += text }
            socket.send("got \(all.utf8.count)")
        }
        try mesh.serve("server", port: 8081) { socket in
            socket.send("first")
            socket.finishSending()
            guard case .text(let answer) = socket.receive() else { return }
            socket.send(answer)
        }
        let client = try mesh.connect(from: "client", to: "server", port: 8080)
        client.send(String(repeating: "x", count: 100_000))
        client.finishSending()
        #expect(client.receive() == .text("got 100000"))
        #expect(client.receive() == .end)

        let other = try mesh.connect(from: "client", to: "server", port: 8081)
        #expect(other.receive() == .text("first"))
        #expect(other.receive() == .end)
        other.send("still open this way")
    }

    @Test func manyBytesArriveUnchangedInBothDirections() throws {
        let mesh = try TestMesh("bulk", enrolled: ["client", "server"])
        let count = 8 << 20
        try mesh.serve("server", port: 8080) { socket in
            let got = socket.receive(count: count)
            socket.send(got)
        }
        var random = WorkerRandom(seed: 1)
        let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let client = try mesh.connect(from: "client", to: "server", port: 8080)
        let isSent = client.send(bytes)
        // Compared outside of the macro, which would print all of it.
        let isSame = client.receive(count: count) == bytes
        #expect(isSent && isSame)
    }

    @Test func aResetOfTheServerReachesTheClient() throws {
        let mesh = try TestMesh("rst", enrolled: ["client", "server"])
        try mesh.serve("server", port: 8080) { socket in
            _ = socket.receive()
            socket.resetOnClose()
        }
        let client = try mesh.connect(from: "client", to: "server", port: 8080)
        client.send("x")
        #expect(client.receive() == .reset)
    }

    @Test func nothingListeningIsAnErrorForTheClientAndSaysWhy() throws {
        let mesh = try TestMesh("none", enrolled: ["client", "server"])
        let client = try mesh.connect(from: "client", to: "server", port: 8080)
        client.send("x")
        #expect(client.receive() == .reset)
        mesh.log.wait(for: "connection complete", "direction=\"outbound\"", "error=\"http status: 503\"")
        mesh.log.wait(for: "connection complete", "direction=\"inbound\"", "error=\"connection failed: ")
    }

    @Test func streamsShareATunnel() throws {
        let mesh = try TestMesh("pool", enrolled: ["client", "server"])
        let server = try mesh.serve("server", port: 8080, TestServer.echo)
        var sockets: [TestSocket] = []
        for index in 0..<20 {
            let socket = try mesh.connect(from: "client", to: "server", port: 8080)
            socket.send("\(index)")
            #expect(socket.receive() == .text("\(index)"))
            sockets.append(socket)
        }
        #expect(server.clients.count == 20)
        #expect(try mesh.establishedTunnels(at: "server") == 1)
        // More than one tunnel may carry: the next ones.
        for _ in 0..<100 { sockets.append(try mesh.connect(from: "client", to: "server", port: 8080)) }
        sockets.last?.send("z")
        #expect(sockets.last?.receive() == .text("z"))
        #expect(try mesh.establishedTunnels(at: "server") == 2)
    }
}
