import Foundation
import Glibc
import HTTPWire
import Testing

/// The HTTP/1.1 codec against programs that we did not write.
@Suite(.serialized, .timeLimit(.minutes(2))) struct HTTP1InteropTests {
    private func curl(_ arguments: [String], input: String? = nil) throws -> Program.Outcome {
        try Program.run("/usr/bin/curl", ["-sS", "--http1.1", "--max-time", "20"] + arguments, input: input)
    }

    @Test("curl: content both ways, 100-continue, HEAD, trailers, HTTP/1.0, many requests on one connection")
    func curlAsClient() throws {
        let server = try #require(HTTP1LoopbackServer())
        let base = "http://127.0.0.1:\(server.port)"
        let get = try curl([base + "/"])
        #expect(get.status == 0 && get.output == "hello from ambit\n", "\(get.output)")
        let big = try curl(["-o", "/dev/null", "-w", "%{size_download} %{http_version}", base + "/bytes/3000000"])
        #expect(big.output == "3000000 1.1", "\(big.output)")
        let text = String(repeating: "ambit ", count: 5_000)
        for more in [["-H", "Expect: 100-continue"], ["-H", "Transfer-Encoding: chunked"], ["--http1.0"]] {
            let post = try curl(more + ["--data-binary", "@-", base + "/echo"], input: text)
            #expect(post.output == text, "\(more)")
        }
        let head = try curl(["-I", base + "/bytes/9"])
        #expect(head.status == 0 && head.output.hasPrefix("HTTP/1.1 200 OK\r\n"), "\(head.output)")
        let trailers = try curl(["-i", base + "/trailers"])
        #expect(trailers.output.contains("x-sum: 42"), "\(trailers.output)")
        let many = try curl(["-o", "/dev/null", "-w", "%{num_connects} ", base + "/[1-20]"])
        #expect(many.output == "1 " + String(repeating: "0 ", count: 19), "\(many.output)")
    }

    @Test("python's http.server")
    func pythonAsServer() throws {
        let script = """
            import http.server, sys
            class H(http.server.BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"
                def do_POST(self):
                    n = 0
                    body = b""
                    while True:
                        size = int(self.rfile.readline().strip(), 16)
                        body += self.rfile.read(size)
                        self.rfile.readline()
                        if size == 0: break
                    self.send_response(200); self.send_header("Transfer-Encoding", "chunked"); self.end_headers()
                    self.wfile.write(b"%x\\r\\n%s\\r\\n0\\r\\nX-Host: %s\\r\\n\\r\\n" % (len(body), body, self.headers["host"].encode()))
                def log_message(self, *a): pass
            s = http.server.HTTPServer(("127.0.0.1", 0), H)
            print(s.server_port, flush=True)
            s.handle_request()
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(UInt16(line.trimmingCharacters(in: .whitespacesAndNewlines)), "\(line)")
        let descriptor = try #require(LoopbackSocket.connect(port: port))
        defer { close(descriptor) }
        var peer = HTTP1Peer(.client)
        for _ in 0..<2 {
            try peer.connection.sendHeaders(
                .request(method: "POST", scheme: "http", authority: "h:1", path: "/"), endStream: false)
            try peer.connection.sendData(Array("hello".utf8), endStream: true)
            let wire = Array(peer.takeText().utf8)
            #expect(LoopbackSocket.writeAll(descriptor, wire))
            var buffer = [UInt8](repeating: 0, count: 4_096)
            var isIdle = peer.connection.isIdle
            while !isIdle {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                try #require(count > 0)
                peer.feed(Array(buffer[..<count]))
                isIdle = peer.connection.isIdle
            }
            let lines = peer.takeLines()
            #expect(lines == ["200", "content hello", "end x-host=h:1"])
        }
    }
}
