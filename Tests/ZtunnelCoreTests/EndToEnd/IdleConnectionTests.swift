import Testing

@testable import ZtunnelCore

/// What connections cost that do nothing, and that it comes back.
@Suite(.serialized, .timeLimit(.minutes(5))) struct IdleConnectionTests {
    /// In a process of its own: what the other tests of this one allocate and free meanwhile is no connection's.
    @Test func thousandsOfIdleConnectionsCostLittleAndTheMemoryComesBack() async {
        let ended = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            try IdleConnectionMemory.check()
        }
        print(String(decoding: ended?.standardOutputContent ?? [], as: UTF8.self))
    }

    @Test func aConnectionsOwnRecordIsSmall() throws {
        let mesh = try TestMesh("size", enrolled: ["client", "server"])
        try mesh.serve("server", port: 8080, TestServer.echo)
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        socket.send("x")
        #expect(socket.receive() == .text("x"))
        let sizes = mesh.recordSizes()
        #expect(sizes.count == 2 && sizes.allSatisfy { $0 <= 192 }, "\(sizes) bytes of heap")
    }
}
