import Glibc
import MeshTelemetry
import NodeCore
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
        let mesh = try TestMesh("idle", enrolled: ["client", "server"]) { $0.timeouts.tunnelIdle = .seconds(2) }
        // The lines of this test's log stay in this process, and would be counted.
        mesh.log.logger.setFilter(LogFilter(level: .off))
        // The first connections pay for labels and buffers.
        _ = try round(first, mesh)
        let before = try resident()
        var held: [Int] = []
        var after: [Int] = []
        for _ in 0..<2 {
            held.append(try round(total, mesh))
            let limit = before + (held[held.count - 1] - before) / 4
            _ = wait(12) { (try? resident()) ?? .max < limit }
            after.append(try resident())
        }
        let each = (held[0] - before) / total
        print("idle tunnelled connection, both sides in one process: \(each) bytes resident")
        print(
            "resident KiB before \(before >> 10), with connections \(held.map { $0 >> 10 }), after \(after.map { $0 >> 10 })"
        )
        #expect(each <= 3 * 1024)
        // The second time costs nothing new, and most of it was given back.
        #expect(held[1] <= held[0] + (held[0] - before) / 10)
        #expect(after[1] < before + (held[1] - before) / 4)
    }

    /// Opens connections, measures, and closes them; both applications must end, for either alone keeps its half open.
    private func round(_ count: Int, _ mesh: TestMesh) throws -> Int {
        let server = try HoldingProcess.server(in: try mesh.namespace("server"), port: 8080)
        let client = try HoldingProcess.client(
            in: try mesh.namespace("client"), to: mesh.address("server"), port: 8080, count: count)
        try #require(wait(60) { mesh.established == 2 * count }, "\(mesh.established) of \(2 * count) stand")
        let held = try resident()
        client.stop()
        server.stop()
        try #require(wait(60) { mesh.established == 0 })
        return held
    }

    private func wait(_ seconds: Int, _ condition: () -> Bool) -> Bool {
        Eventually.holds(seconds: seconds, every: 200, condition)
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
