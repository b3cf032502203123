import Foundation
import Glibc
import HTTPWire
import Testing

/// The core against programs that we did not write. One at a time: they share two processors with everything else.
@Suite(.serialized, .timeLimit(.minutes(2))) struct InteropTests {
    private func server(_ configure: (inout HTTP2Configuration) -> Void = { _ in }) throws -> LoopbackServer {
        var configuration = HTTP2Configuration()
        configure(&configuration)
        return try #require(LoopbackServer(configuration: configuration))
    }

    @Test("curl gets, posts and reads trailers")
    func curl() throws {
        let server = try server()
        let base = "http://127.0.0.1:\(server.port)"
        let get = try Program.run("/usr/bin/curl", ["-sS", "--http2-prior-knowledge", "--max-time", "20", base + "/"])
        #expect(get.status == 0 && get.output == "hello from ambit\n", "\(get.output)")
        let big = try Program.run(
            "/usr/bin/curl",
            [
                "-sS", "--http2-prior-knowledge", "--max-time", "20", "-o", "/dev/null", "-w",
                "%{size_download} %{http_version}",
                base + "/bytes/3000000",
            ])
        #expect(big.output == "3000000 2", "\(big.output)")
        let text = String(repeating: "ambit ", count: 5_000)
        let post = try Program.run(
            "/usr/bin/curl",
            ["-sS", "--http2-prior-knowledge", "--max-time", "20", "--data-binary", "@-", base + "/echo"],
            input: text)
        #expect(post.output == text)
        let trailers = try Program.run(
            "/usr/bin/curl", ["-sS", "--http2-prior-knowledge", "--max-time", "20", "-i", base + "/trailers"])
        #expect(
            trailers.output.contains("with trailers\n") && trailers.output.contains("x-sum: 42"), "\(trailers.output)")
    }

    @Test("nghttp, many requests on one connection")
    func nghttp() throws {
        let server = try server()
        let result = try Program.run(
            "/usr/bin/nghttp",
            ["-m", "50", "-n", "-s", "-t", "20", "http://127.0.0.1:\(server.port)/bytes/50000"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.components(separatedBy: " 200 ").count - 1 == 50, "\(result.output)")
    }

    @Test("h2load: 2,000 requests, all succeed")
    func h2load() throws {
        let server = try server()
        let result = try Program.run(
            "/usr/bin/h2load",
            ["-n", "2000", "-c", "4", "-m", "20", "-T", "20", "http://127.0.0.1:\(server.port)/bytes/1000"])
        #expect(result.output.contains("2000 succeeded, 0 failed"), "\(result.output)")
    }

    @Test(
        "python h2 as a client: friendly and hostile",
        arguments: [
            "get", "trailers", "tunnel", "small-window", "rapid-reset", "continuation-flood", "ping-flood",
            "settings-flood",
            "empty-data-flood", "window-overflow", "bad-hpack", "upper-case", "frame-size",
        ])
    func pythonClient(_ script: String) throws {
        let python = try #require(Program.python(), "no python with h2: run `make deps`, or set AMBIT_VENV")
        let server = try server()
        let result = try Program.run(python, [Program.peerScript, "client", String(server.port), script])
        #expect(result.status == 0 && result.output == "ok\n", "\(result.output)")
    }

    @Test("python h2 as a server", arguments: ["tunnel", "early-reset", "push", "goaway"])
    func pythonServer(_ script: String) throws {
        let python = try #require(Program.python(), "no python with h2: run `make deps`, or set AMBIT_VENV")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [Program.peerScript, "server", script]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer { process.terminate() }
        let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(UInt16(line.trimmingCharacters(in: .whitespacesAndNewlines)))
        let descriptor = try #require(LoopbackSocket.connect(port: port))
        var endpoint = LoopbackEndpoint(.client, descriptor)
        let opened = endpoint.connection.openStream(.connect(authority: "10.0.0.1:80"), endStream: false)
        let id = try #require(opened)
        let payload = (0..<150_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        endpoint.outgoing[id] = (payload[...], true, nil)
        var received: [UInt8] = []
        var outcome = ""
        var isOver = !endpoint.flush()
        while !isOver {
            let goesOn = endpoint.readOnce { _, event, bytes in
                switch event {
                case .headers(_, let fields, _): outcome += "\(fields.status ?? 0) \(fields.first("baggage") ?? "") "
                case .data(_, _, let end):
                    received += bytes
                    if end { isOver = true }
                case .reset(_, let code, let byPeer):
                    outcome += "reset \(code) \(byPeer)"
                    isOver = true
                case .failed(let code, _):
                    outcome += "failed \(code)"
                    isOver = true
                default: break
                }
            }
            if !goesOn { isOver = true }
        }
        switch script {
        case "tunnel":
            #expect(outcome == "200 k8s.pod.name=b ")
            #expect(received == payload)
        case "early-reset": #expect(outcome == "reset REFUSED_STREAM true")
        case "push": #expect(outcome == "failed PROTOCOL_ERROR")
        default: #expect(outcome == "reset REFUSED_STREAM true")
        }
    }
}
