import Glibc
import Testing

@testable import ZtunnelCore

/// What connections cost that do nothing, and that it comes back.
@Suite(.serialized, .timeLimit(.minutes(5))) struct IdleConnectionTests {
    /// Memory of this process in bytes, as the kernel counts it.
    private func resident() throws -> Int {
        let pages = try #require(Command.run("cat /proc/\(getpid())/statm").split(separator: " ").dropFirst().first)
        return try #require(Int(pages)) * 4096
    }

    @Test func tenThousandIdleConnectionsCostLittleAndTheMemoryComesBack() throws {
        try Command.run("prlimit --pid \(getpid()) --nofile=200000:200000")
        let total = 10_000
        let mesh = try TestMesh("idle", enrolled: ["client", "server"])
        let server = try mesh.inside("server") { try HoldingServer(port: 8080) }
        // The first connections pay for tunnels, labels and buffers.
        var sockets = try (0..<200).map { _ in try mesh.connect(from: "client", to: "server", port: 8080) }
        #expect(Eventually.holds(seconds: 60) { server.count == 200 })
        let before = try resident()
        for _ in 200..<total { sockets.append(try mesh.connect(from: "client", to: "server", port: 8080)) }
        #expect(Eventually.holds(seconds: 120) { server.count == total })
        let held = try resident()
        #expect(mesh.connections().count == 2 * total)
        let each = (held - before) / (total - 200)
        print("idle tunnelled connection, both sides and the test's own sockets: \(each) bytes resident")
        #expect(each < 6 * 1024)
        sockets.removeAll()
        server.release()
        #expect(Eventually.holds(seconds: 60) { mesh.connections().isEmpty })
        let came = Eventually.holds(seconds: 10) { ((try? resident()) ?? .max) < before + (held - before) / 2 }
        print("resident before \(before >> 10) KiB, with connections \(held >> 10) KiB, after \(try resident() >> 10) KiB")
        #expect(came)
    }

    @Test func aConnectionsOwnRecordIsSmall() throws {
        let mesh = try TestMesh("size", enrolled: ["client", "server"])
        let server = try mesh.inside("server") { try HoldingServer(port: 8080) }
        let socket = try mesh.connect(from: "client", to: "server", port: 8080)
        #expect(Eventually.holds { server.count == 1 && mesh.connections().count == 2 })
        let sizes = mesh.recordSizes()
        print("connection records: \(sizes) bytes of heap")
        #expect(sizes.count == 2 && sizes.allSatisfy { $0 <= 232 })
        withExtendedLifetime(socket) {}
    }
}
