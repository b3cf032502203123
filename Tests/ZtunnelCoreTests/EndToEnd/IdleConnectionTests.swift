import Glibc
import MeshTelemetry
import Testing

@testable import ZtunnelCore

/// What connections cost that do nothing, and that it comes back.
@Suite(.serialized, .timeLimit(.minutes(5))) struct IdleConnectionTests {
    /// Memory of this process in bytes, as the kernel counts it.
    private func resident() throws -> Int {
        let pages = try #require(Command.run("cat /proc/\(getpid())/statm").split(separator: " ").dropFirst().first)
        return try #require(Int(pages)) * 4096
    }

    /// Both ends of each tunnelled connection are in this process: two sockets each, and a limit of 20,000 descriptors on
    /// ordinary machines, which is why it is not quite ten thousand.
    @Test func thousandsOfIdleConnectionsCostLittleAndTheMemoryComesBack() throws {
        let first = 300
        let total = 9_500
        let mesh = try TestMesh("idle", enrolled: ["client", "server"])
        // The lines of this test's log stay in this process, and would be counted.
        mesh.log.logger.setFilter(LogFilter(level: .off))
        let server = try HoldingProcess.server(in: try mesh.namespace("server"), port: 8080)
        // The first connections pay for tunnels, labels and buffers.
        let warm = try HoldingProcess.client(
            in: try mesh.namespace("client"), to: mesh.address("server"), port: 8080, count: first)
        #expect(Eventually.holds(seconds: 60, every: 200) { mesh.established == 2 * first })
        let before = try resident()
        let client = try HoldingProcess.client(
            in: try mesh.namespace("client"), to: mesh.address("server"), port: 8080, count: total - first)
        #expect(Eventually.holds(seconds: 60, every: 200) { mesh.established == 2 * total })
        try #require(mesh.established == 2 * total, "\(mesh.established) stand; last lines: \(mesh.log.all.suffix(3))")
        let held = try resident()
        let each = (held - before) / (total - first)
        print("idle tunnelled connection, both sides in one process: \(each) bytes resident")
        #expect(each <= 3 * 1024)
        client.stop()
        warm.stop()
        server.stop()
        #expect(Eventually.holds(seconds: 60, every: 200) { mesh.connections().isEmpty })
        let cameBack = Eventually.holds(seconds: 10, every: 200) { ((try? resident()) ?? .max) < before + (held - before) / 4 }
        print("resident before \(before >> 10) KiB, with connections \(held >> 10) KiB, after \(try resident() >> 10) KiB")
        #expect(cameBack)
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
