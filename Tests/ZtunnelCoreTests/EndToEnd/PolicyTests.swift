import MeshModel
import Testing
import ZtunnelCore

/// Authorization of connections that begin, and of those that live when policies or workloads change.
@Suite(.serialized, .timeLimit(.minutes(2))) struct PolicyTests {
    @Test func aDeniedIdentityIsAnswered401AndTheReasonIsLogged() throws {
        let mesh = try TestMesh("pol", enrolled: ["client", "other", "server"])
        mesh.publish(policies: [.deny("no-client", principal: "cluster.local/ns/default/sa/client")])
        try mesh.serve("server", port: 8080, TestServer.echo)
        let denied = try mesh.connect(from: "client", to: "server", port: 8080)
        denied.send("x")
        #expect(denied.receive() == .reset)
        mesh.log.wait(
            for: "connection complete", "direction=\"inbound\"",
            "error=\"connection closed due to policy rejection: explicitly denied by: default/no-client\"")
        mesh.log.wait(for: "connection complete", "direction=\"outbound\"", "error=\"http status: 401\"")
        let allowed = try mesh.connect(from: "other", to: "server", port: 8080)
        allowed.send("x")
        #expect(allowed.receive() == .text("x"))
    }

    @Test func aNewPolicyCutsTheConnectionsThatItForbidsAndNoOthers() throws {
        let mesh = try TestMesh("cut", enrolled: ["client", "other", "server"], outside: ["stranger"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        let sockets = try ["client", "other", "stranger"].map { name in
            let socket = try mesh.connect(from: name, to: "server", port: 8080)
            socket.send(name)
            #expect(socket.receive() == .text(name))
            return socket
        }
        mesh.publish(policies: [.deny("no-client", principal: "cluster.local/ns/default/sa/client")])
        #expect(sockets[0].receive() == .reset)
        mesh.log.wait(
            for: "connection complete", "direction=\"inbound\"", "sa/client",
            "error=\"connection closed due to policy change\"")
        for (name, socket) in [("other", sockets[1]), ("stranger", sockets[2])] {
            socket.send(name)
            #expect(socket.receive() == .text(name))
        }
        mesh.publish(policies: [.strict])
        #expect(sockets[2].receive() == .reset)
        sockets[1].send("still")
        #expect(sockets[1].receive() == .text("still"))
    }

    @Test func aPolicyThatIsAttachedToAWorkloadLaterCutsToo() throws {
        let mesh = try TestMesh("attach", enrolled: ["client", "server"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        let policy = Authorization.deny(
            "picked", principal: "cluster.local/ns/default/sa/client", scope: .workloadSelector)
        mesh.publish(policies: [policy])
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("a")
        #expect(socket.receive() == .text("a"))
        // Only the workload changes: it now names the policy.
        mesh.publish(policies: [policy], attached: ["server": ["default/picked"]])
        #expect(socket.receive() == .reset)
    }

    @Test func aPolicyThatIsNamedButNotKnownDenies() throws {
        let mesh = try TestMesh("unk", enrolled: ["client", "server"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        mesh.publish(attached: ["server": ["default/absent"]])
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("a")
        #expect(socket.receive() == .reset)
        mesh.log.wait(for: "connection complete", "direction=\"inbound\"", "default/absent")
    }
}
