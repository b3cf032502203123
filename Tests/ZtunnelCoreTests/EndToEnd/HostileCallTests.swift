import HTTPWire
import MeshModel
import Testing
import ZtunnelCore

/// What a caller gets who speaks to the ports directly, or lies in a tunnel (Z 1.1, 2.4).
@Suite(.serialized, .timeLimit(.minutes(2))) struct HostileCallTests {
    @Test(arguments: [15001, 15006, 15008] as [UInt16])
    func anEnrolledClientThatCallsTheCapturePortsGetsNothing(port: UInt16) throws {
        let mesh = try TestMesh("own\(port)", enrolled: ["client", "server"])
        for (host, name) in [
            ("127.0.0.1", "loopback"), (mesh.address("client"), "own"), (mesh.address("server"), "other"),
        ] {
            guard let socket = try? mesh.connect(from: "client", toAddress: host, port: port) else { continue }
            socket.send("GET / HTTP/1.1\r\n\r\n")
            let answer = socket.receive()
            if case .text = answer { Issue.record("\(name):\(port) answered \(answer)") }
            if case .nothing = answer { Issue.record("\(name):\(port) left the caller waiting") }
        }
        // The node still works.
        try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("x")
        #expect(socket.receive() == .text("x"))
    }

    @Test(arguments: [15001, 15006, 15008] as [UInt16])
    func aStrangerThatCallsTheCapturePortsGetsNothing(port: UInt16) throws {
        let mesh = try TestMesh("str\(port)", enrolled: ["server"], outside: ["stranger"])
        guard let socket = try? mesh.connect(from: "stranger", to: "server", port: port) else { return }
        socket.send("GET / HTTP/1.1\r\n\r\n")
        let answer = socket.receive()
        if case .text(let text) = answer {
            // A TLS alert is not an answer.
            #expect(!text.contains("HTTP"))
        }
        if case .nothing = answer { Issue.record("\(port) left the caller waiting") }
    }

    @Test func requestsThatAreNotForThisWorkloadAreAnsweredAsZtunnelDoes() throws {
        let mesh = try TestMesh("req", enrolled: ["server"], outside: ["stranger"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        let server = mesh.address("server")
        let caller = try mesh.rawTunnel(from: "stranger", to: "server", identity: TestMesh.identity("stranger"))

        #expect(try caller.request(.connect(authority: "\(server):8080")) == 200)
        #expect(try caller.request(.connect(authority: "10.1.2.3:8080")) == 400)
        mesh.log.wait(for: "connection failed", "error=\"ip mismatch: 10.1.2.3 != \(server)\"")
        #expect(try caller.request(.connect(authority: server)) == 400)
        mesh.log.wait(for: "connection failed", "error=\"no valid authority pseudo header\"")
        #expect(
            try caller.request(.request(method: "GET", scheme: "https", authority: "\(server):8080", path: "/")) == 400)
        mesh.log.wait(for: "connection failed", "error=\"expected method CONNECT, got GET\"")
        #expect(try caller.request(.connect(authority: "\(server):15008")) == 503)
        mesh.log.wait(for: "connection failed", "error=\"attempted recursive call to ourselves\"")
        #expect(try caller.request(.connect(authority: "\(server):9")) == 503)
        mesh.log.wait(for: "connection complete", "error=\"connection failed: ")
    }

    @Test func aCertificateOfAnotherTrustDomainIsRefused() throws {
        let mesh = try TestMesh("td", enrolled: ["server"], outside: ["stranger"])
        let foreign = SPIFFEIdentity(trustDomain: "elsewhere.example", namespace: "default", serviceAccount: "stranger")
        #expect(throws: (any Error).self) {
            try mesh.rawTunnel(from: "stranger", to: "server", identity: foreign).request(
                .connect(authority: "\(mesh.address("server")):8080"))
        }
        mesh.log.wait(for: "connection failed", "direction=\"inbound\"")
    }

    @Test func aCertificateOfAnotherAuthorityIsRefused() throws {
        let mesh = try TestMesh("ca", enrolled: ["server"], outside: ["stranger"])
        #expect(throws: (any Error).self) {
            try mesh.rawTunnel(
                from: "stranger", to: "server",
                identity: SPIFFEIdentity(
                    trustDomain: "cluster.local", namespace: "default", serviceAccount: "stranger"),
                authority: try TestAuthority("false")
            ).request(.connect(authority: "\(mesh.address("server")):8080"))
        }
        mesh.log.wait(for: "connection failed", "direction=\"inbound\"")
    }
}
