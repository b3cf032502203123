import ControlPlane
import Foundation
import Logging
import MeshModel
import Synchronization
import Testing

@Suite("The join server over TLS", .timeLimit(.minutes(1)))
struct JoinServerTests {
    private func serve(_ harness: JoinHarness, _ body: @Sendable (Int, TemporaryDirectory) async throws -> Void)
        async throws
    {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let folder = try TemporaryDirectory()
        try folder.write(harness.authority.rootsPEM, "root.crt")
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let server = JoinServer(
            service: harness.join, host: "127.0.0.1", port: 0,
            certificates: try ServerCertificateSource(
                authority: harness.authority, names: ["127.0.0.1"], logger: logger),
            logger: logger
        ) { listening.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            for await port in ports {
                try await body(port, folder)
                return
            }
        }
    }

    private func curl(_ port: Int, _ folder: TemporaryDirectory, _ path: String, _ more: [String] = []) async throws
        -> String
    {
        try await DaemonProcess.run(
            "/usr/bin/curl",
            ["-sS", "--max-time", "20", "--cacert", folder.path + "/root.crt", "-w", "%{http_code}"] + more
                + ["https://127.0.0.1:\(port)\(path)"])
    }

    @Test("strangers get the mesh's facts, may join, and nothing else")
    func surface() async throws {
        let harness = try JoinHarness()
        let token = try await harness.token()
        try await serve(harness) { port, folder in
            let mesh = try await curl(port, folder, "/ambit/v1/mesh")
            #expect(mesh.contains("BEGIN CERTIFICATE") && mesh.contains("cluster.local") && mesh.hasSuffix("200"))
            for path in ["/", "/ambit/v1/nodes", "/ambit/v1/status", "/api", "/ambit/v1/join"] {
                #expect(try await curl(port, folder, path).hasSuffix("404"), "\(path)")
            }
            try folder.write(String(repeating: "x", count: 20_000), "large")
            let large = try await curl(port, folder, "/ambit/v1/join", ["--data-binary", "@\(folder.path)/large"])
            #expect(large.contains("malformed") && large.hasSuffix("400"))
            try folder.write(String(decoding: try harness.request(token), as: UTF8.self), "body")
            let joined = try await curl(port, folder, "/ambit/v1/join", ["--data-binary", "@\(folder.path)/body"])
            #expect(joined.contains("BEGIN CERTIFICATE") && joined.hasSuffix("200"), "\(joined)")
            let again = try await curl(port, folder, "/ambit/v1/join", ["--data-binary", "@\(folder.path)/body"])
            #expect(again.contains("used_token") && again.hasSuffix("410"))
        }
    }

    @Test("TLS 1.2 is refused")
    func oldTLS() async throws {
        let harness = try JoinHarness()
        try await serve(harness) { port, folder in
            let answer = try await curl(port, folder, "/ambit/v1/mesh", ["--tls-max", "1.2"])
            #expect(answer.hasSuffix("000"))
        }
    }
}
