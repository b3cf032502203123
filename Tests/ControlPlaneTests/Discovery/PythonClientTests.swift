import ControlPlane
import Foundation
import Testing

/// Google's gRPC library as a node. `make deps` makes the environment that it runs in.
@Suite(
    "Discovery with python grpcio",
    .enabled(
        if: FileManager.default.isExecutableFile(
            atPath: Repository.root.appendingPathComponent(".venv/bin/python").path),
        "no .venv/bin/python: run `make deps`"), .timeLimit(.minutes(1)))
struct PythonClientTests {
    struct Line: Decodable {
        var resources: [String: String]?
        var removed: [String]?
        var chain: [String]?
        var error: String?
        var message: String?
    }

    static func run(
        _ harness: ControlServerHarness, port: Int, node: String = "host-a", _ arguments: [String]
    ) async throws -> [Line] {
        let certificate = try await harness.node(node)
        try harness.directory.write(certificate.certificateChainPEM, "node.crt")
        try harness.directory.write(certificate.privateKeyPEM, "node.key")
        try harness.directory.write(certificate.rootsPEM, "root.crt")
        let process = Process()
        process.executableURL = Repository.root.appendingPathComponent(".venv/bin/python")
        process.arguments =
            [
                Repository.root.appendingPathComponent("Tests/Tools/discovery-client").path, "127.0.0.1:\(port)",
                harness.directory.path + "/root.crt", harness.directory.path + "/node.crt",
                harness.directory.path + "/node.key", DiscoveryType.address.rawValue,
            ] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        // A thread of its own: blocked tasks would take the threads that the server needs.
        let text = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let text = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: text)
            }
        }
        return try text.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Line.self, from: $0) }
    }

    @Test("everything first, then what changed; with versions only the difference; a refusal is told")
    func discovery() async throws {
        let harness = try ControlServerHarness()
        harness.publish(["a": "1", "b": "1"])
        try await harness.serve { port in
            async let lines = Self.run(harness, port: port, ["--responses", "2"])
            try await Deadline.until { harness.registry.nodes.first?.sync[.address]?.state == .synced }
            harness.publish(["a": "2"])
            let both = try await lines
            #expect(both.first?.resources == ["a": "1", "b": "1"])
            #expect(both.last?.resources == ["a": "2"])
            #expect(both.last?.removed == ["b"])

            let again = try await Self.run(harness, port: port, ["--held", "a=2", "--held", "old=9"])
            #expect(again.first?.resources == [:])
            #expect(again.first?.removed == ["old"])

            async let refused = Self.run(harness, port: port, ["--reject", "--responses", "2"])
            try await Deadline.until { harness.registry.nodes.first?.sync[.address]?.state == .rejected }
            #expect(harness.registry.nodes.first?.sync[.address]?.lastError == "refused by the test")
            harness.publish(["a": "3"])
            #expect(try await refused.last?.resources == ["a": "3"])
        }
    }

    @Test("a certificate for a granted identity, and PERMISSION_DENIED for another")
    func certificates() async throws {
        let harness = try ControlServerHarness()
        try await harness.serve(grants: ["host-a": [NodeGrant("shop/web")].compactMap(\.self)]) { port in
            for (name, isGranted) in [("web", true), ("admin", false)] {
                let identity = "spiffe://cluster.local/ns/shop/sa/\(name)"
                _ = try OpenSSL.request(names: "URI:\(identity)", in: harness.directory)
                let lines = try await Self.run(
                    harness, port: port, ["--identity", identity, "--csr", harness.directory.path + "/leaf.csr"])
                #expect(lines.first?.chain?.count == (isGranted ? 2 : nil))
                #expect(lines.first?.error == (isGranted ? nil : "PERMISSION_DENIED"))
            }
        }
    }
}
