import MeshModel
import Testing
import ZtunnelCore

/// Certificates that were revoked: what was opened with them ends, and nothing new begins, on both sides.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RevocationTests {
    @Test func aRevokedClientIsCutAndRefusedAndNobodyElse() throws {
        let mesh = try TestMesh("rvc", enrolled: ["client", "other", "server"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        let sockets = try ["client", "other"].map { name in
            let socket = try mesh.connect(from: name, to: "server", port: 8080)
            socket.send(name)
            #expect(socket.receive() == .text(name))
            return socket
        }
        mesh.revoke(["client"])
        #expect(sockets[0].receive() != .text("client"))
        mesh.log.wait(
            for: "connection complete", "direction=\"inbound\"", "sa/client",
            "was revoked: it was issued to node host-x")
        let again = try mesh.connect(from: "client", to: "server", port: 8080)
        again.send("again")
        #expect(again.receive() != .text("again"))
        mesh.log.wait(for: "connection failed", "direction=\"inbound\"", "was revoked")
        sockets[1].send("still")
        #expect(sockets[1].receive() == .text("still"))
    }

    @Test func aRevokedServerIsNotTalkedTo() throws {
        let mesh = try TestMesh("rvs", enrolled: ["client", "server", "spare"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        try mesh.serve("spare", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("a")
        #expect(socket.receive() == .text("a"))
        mesh.revoke(["server"])
        #expect(socket.receive() != .text("a"))
        let again = try mesh.connect(from: "client", to: "server", port: 8080)
        again.send("b")
        #expect(again.receive() != .text("b"))
        mesh.log.wait(for: "connection complete", "direction=\"outbound\"", "was revoked")
        let spare = try mesh.connect(from: "client", to: "spare", port: 8080)
        spare.send("c")
        #expect(spare.receive() == .text("c"))
        // A list that shrinks gives back what it no longer names.
        mesh.revoke([])
        let restored = try mesh.connect(from: "client", to: "server", port: 8080)
        restored.send("d")
        #expect(restored.receive() == .text("d"))
    }
}
