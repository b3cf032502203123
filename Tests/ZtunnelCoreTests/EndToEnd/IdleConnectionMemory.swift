import Glibc
import MeshTelemetry
import NodeCore
import Testing

@testable import ZtunnelCore

/// What thousands of idle connections cost this process, which does nothing else.
///
/// Both ends of each tunnelled connection are in it: two sockets each, and a limit of 20,000 descriptors on ordinary machines,
/// which is why it is not quite ten thousand.
enum IdleConnectionMemory {
    /// The first connections, which pay for labels, buffers and threads.
    private static let first = 300
    private static let total = 9_500

    /// Opens and closes them twice; issues are recorded where they cost too much, or leave too much behind.
    static func check() throws {
        let mesh = try TestMesh("idle", enrolled: ["client", "server"]) { $0.timeouts.tunnelIdle = .seconds(2) }
        // The lines of this test's log stay in this process, and would be counted.
        mesh.log.logger.setFilter(LogFilter(level: .off))
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
        #expect(each <= 3 * 1024, "\(each) bytes each")
        // The second time costs nothing new, and most of it was given back.
        #expect(held[1] <= held[0] + (held[0] - before) / 10, "\(held) after \(before)")
        #expect(after[1] < before + (held[1] - before) / 4, "\(after[1]) after \(before) and \(held)")
    }

    /// Opens connections, measures, and closes them; both applications must end, for either alone keeps its half open.
    private static func round(_ count: Int, _ mesh: TestMesh) throws -> Int {
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

    /// Memory of this process in bytes that holds data; pages of its program that are read for the first time do not count.
    private static func resident() throws -> Int {
        let status = try Command.run("cat /proc/\(getpid())/status").split(separator: "\n")
        let line = try #require(status.first { $0.hasPrefix("RssAnon:") })
        return try #require(
            line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }) * 1024
    }

    private static func wait(_ seconds: Int, _ condition: () -> Bool) -> Bool {
        Eventually.holds(seconds: seconds, every: 200, condition)
    }
}
