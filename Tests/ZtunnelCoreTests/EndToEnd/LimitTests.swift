import NodeCore
import Testing
import ZtunnelCore

/// Each bound is reached, refuses new work, is counted, and leaves the rest alone.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LimitTests {
    @Test func connections() throws {
        let mesh = try TestMesh("limit", enrolled: ["client"], outside: ["stranger"]) { $0.limits.connections = 2 }
        try mesh.serve("stranger", port: 9090, TestServer.echo)
        let sockets = try (0..<2).map { _ in
            let socket = try mesh.connect(from: "client", to: "stranger", port: 9090)
            socket.send("x")
            #expect(socket.receive() == .text("x"))
            return socket
        }
        let refused = try mesh.connect(from: "client", to: "stranger", port: 9090)
        refused.send("x")
        #expect([.reset, .end].contains(refused.receive()))
        sockets[0].send("y")
        #expect(sockets[0].receive() == .text("y"))
        #expect(mesh.metric("ambit_limit_rejections_total", "limit=\"connections\"") == 1)
    }

    @Test func handshakes() throws {
        let mesh = try TestMesh("shake", enrolled: ["server"], outside: ["stranger"]) { $0.limits.handshakes = 1 }
        // Silent callers keep their handshake open.
        let silent = try mesh.connect(from: "stranger", to: "server", port: 15008)
        let refused = try mesh.connect(from: "stranger", to: "server", port: 15008)
        #expect([.reset, .end].contains(refused.receive()))
        #expect(mesh.metric("ambit_limit_rejections_total", "limit=\"handshakes\"") == 1)
        withExtendedLifetime(silent) {}
    }

    @Test func aSilentCallerIsLetGoAfterTheHandshakeTime() throws {
        let mesh = try TestMesh("silent", enrolled: ["server"], outside: ["stranger"]) {
            $0.timeouts.handshake = .milliseconds(200)
        }
        let silent = try mesh.connect(from: "stranger", to: "server", port: 15008)
        #expect([.reset, .end].contains(silent.receive()))
        mesh.log.wait(for: "connection failed", "direction=\"inbound\"")
    }

    /// The tunnel stands, and its peer waits for an application that does not answer: so the CONNECT gets no answer either.
    @Test func aConnectWithoutAnAnswerIsGivenUp() throws {
        let mesh = try TestMesh("answer", enrolled: ["client", "server"]) {
            $0.timeouts.connectAnswer = .milliseconds(300)
        }
        try mesh.run(on: "server", "nft add table inet hole")
        try mesh.run(on: "server", "nft add chain inet hole in '{ type filter hook input priority 0; }'")
        try mesh.run(on: "server", "nft add rule inet hole in tcp dport 8080 drop")
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        #expect(socket.receive() == .reset)
        mesh.log.wait(
            for: "access", "direction=\"outbound\"",
            "the peer did not answer the CONNECT within 300ms (AMBIT_CONNECT_ANSWER_TIMEOUT)")
        #expect(try mesh.establishedTunnels(at: "server") == 1)
    }

    @Test func waitingConnections() throws {
        let mesh = try TestMesh("wait", enrolled: ["client"], outside: ["stranger"]) {
            $0.limits.waitingConnections = 1
        }
        mesh.publish(without: ["client"])
        let waiting = try mesh.connect(from: "client", to: "stranger", port: 9090)
        #expect(Eventually.holds { mesh.connections().count == 1 })
        let refused = try mesh.connect(from: "client", to: "stranger", port: 9090)
        #expect(refused.receive() == .reset)
        #expect(mesh.metric("ambit_limit_rejections_total", "limit=\"waiting_connections\"") == 1)
        // The record arrives: the one that waited goes on.
        try mesh.serve("stranger", port: 9090, TestServer.echo)
        mesh.publish()
        waiting.send("x")
        #expect(waiting.receive() == .text("x"))
    }

    @Test func waitingStreams() throws {
        let mesh = try TestMesh("stream", enrolled: ["client", "server"], withoutCertificate: ["client"]) {
            $0.limits.waitersPerTunnelKey = 2
        }
        let sockets = try (0..<3).map { _ in try mesh.connect(from: "client", to: "server", port: 8080) }
        #expect(Eventually.holds { mesh.metric("ambit_limit_rejections_total", "limit=\"waiting_streams\"") == 1 })
        withExtendedLifetime(sockets) {}
    }

    @Test func tunnelsPerKey() throws {
        let mesh = try TestMesh("tunnels", enrolled: ["client", "server"]) {
            $0.limits.streamsPerTunnel = 1
            $0.limits.tunnelsPerKey = 2
        }
        try mesh.serve("server", port: 8080, TestServer.echo)
        let sockets = try (0..<2).map { _ in
            let socket = try mesh.connect(from: "client", to: "server", port: 8080)
            socket.send("x")
            #expect(socket.receive() == .text("x"))
            return socket
        }
        let refused = try mesh.connect(from: "client", to: "server", port: 8080)
        #expect(refused.receive() == .reset)
        mesh.log.wait(for: "error=\"limit tunnels_per_key is reached on this node")
        // A stream that ends makes room.
        sockets[0].finishSending()
        #expect(sockets[0].receive() == .end)
        #expect(Eventually.holds { mesh.connections().count == 2 })
        let next = try mesh.connect(from: "client", to: "server", port: 8080)
        next.send("z")
        #expect(next.receive() == .text("z"))
    }

    @Test func anIdleTunnelIsReleased() throws {
        let mesh = try TestMesh("release", enrolled: ["client", "server"]) {
            $0.timeouts.tunnelIdle = .milliseconds(200)
        }
        try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("x")
        #expect(socket.receive() == .text("x"))
        #expect(try mesh.establishedTunnels(at: "server") == 1)
        socket.finishSending()
        #expect(socket.receive() == .end)
        #expect(Eventually.holds { (try? mesh.establishedTunnels(at: "server")) == 0 })
        // And dialled again when it is needed.
        let next = try mesh.connect(from: "client", to: "server", port: 8080)
        next.send("z")
        #expect(next.receive() == .text("z"))
    }
}
