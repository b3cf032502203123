import Foundation
import LinuxSystem
import MeshRuntime
import TLSEngine
import TestCertificates
import Testing

/// TLS channels with peers that we did not write: openssl's and Python's.
@Suite struct ForeignTLSTests {
    let contexts: PublicPair.Contexts
    let directory: String

    init() throws {
        contexts = try PublicPair.shared.get()
        directory = NSTemporaryDirectory() + "ambit-foreign-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let files = [
            "root.pem": contexts.authority.rootPEM,
            "server.pem": contexts.serverIssued.certificatePEM + contexts.serverIssued.keyPEM,
            "client.pem": contexts.clientIssued.certificatePEM + contexts.clientIssued.keyPEM,
        ]
        for (name, text) in files {
            try text.write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8)
        }
    }

    private func removeFiles() { try? FileManager.default.removeItem(atPath: directory) }

    /// Starts a program with an input that stays empty; both of its outputs go into the pipe.
    private func start(_ program: String, _ arguments: [String], input: Any = FileHandle.nullDevice) throws -> (
        Process, Pipe
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = input
        try process.run()
        return (process, output)
    }

    /// A server of ours that echoes in upper case until the client ends; runs `client` against its port.
    private func serve(
        _ context: PublicTLSContext, _ client: (UInt16) throws -> String
    ) throws -> (text: String, server: String) {
        defer { removeFiles() }
        let listening = try Socket.listen(on: .loopback4(port: 0))
        let port = try Socket.localAddress(listening.raw).port
        let number = listening.release()
        nonisolated(unsafe) var outcome = ""
        let thread = try LoopThread(name: "server") { loop in
            _ = try? Listener(loop: loop, socket: Descriptor(taking: number)) { socket, peer in
                let below = ByteChannel.over(TCPConnection(loop: loop, socket: socket, peer: peer))
                TLSChannel.accept(over: below, selection: { _ in .use(context) }, timeout: .seconds(10)) { result in
                    guard case .success(let channel) = result else {
                        if case .failure(let failure) = result { outcome = failure.message }
                        return
                    }
                    let names = channel.peerCertificate?.uriNames.joined() ?? "nobody"
                    outcome = "\(channel.applicationProtocol ?? "none") \(names)"
                    channel.onBytes = { bytes in
                        let upper = bytes.map { $0 >= 0x61 && $0 <= 0x7a ? $0 - 32 : $0 }
                        upper.withUnsafeBytes { channel.send($0) }
                        channel.credit(bytes.count)
                    }
                    channel.onEnd = { channel.finish() }
                    channel.onLost = { outcome += " lost: \($0)" }
                    channel.start()
                }
            }
        }
        defer { thread.stopAndJoin() }
        let text = try client(port)
        return (text, outcome)
    }

    private func sClient(_ arguments: [String]) -> (UInt16) throws -> String {
        { [self] port in
            let (process, output) = try start(
                "/usr/bin/openssl",
                ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", "root.pem", "-verify_return_error", "-brief"]
                    + arguments)
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return text
        }
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func opensslConnects(version: String) throws {
        let (text, server) = try serve(
            contexts.server, sClient([version, "-servername", "localhost", "-alpn", "http/1.1"]))
        #expect(text.contains("CONNECTION ESTABLISHED") && text.contains("Verification: OK"))
        #expect(text.contains(version == "-tls1_3" ? "TLSv1.3" : "TLSv1.2"))
        #expect(server == "http/1.1 nobody")
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func opensslShowsItsCertificate(version: String) throws {
        let (text, server) = try serve(
            contexts.strict, sClient([version, "-alpn", "h2", "-cert", "client.pem", "-key", "client.pem"]))
        #expect(text.contains("CONNECTION ESTABLISHED"))
        #expect(server == "h2 spiffe://outside/client")
    }

    @Test func olderVersionsAreRefused() throws {
        let (text, server) = try serve(contexts.server, sClient(["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]))
        #expect(!text.contains("CONNECTION ESTABLISHED"))
        #expect(server.contains("unsupported protocol"))
    }

    /// Python half-closes with close_notify and still gets the answer; the digest is the one that Python computes.
    @Test func pythonTalks() throws {
        let script = """
            import socket, ssl, sys
            context = ssl.create_default_context(cafile="root.pem")
            context.load_cert_chain("client.pem")
            context.set_alpn_protocols(["h2", "http/1.1"])
            with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20) as plain:
                with context.wrap_socket(plain, server_hostname="localhost") as tls:
                    tls.sendall(b"hello " * 50000)
                    got = b""
                    while len(got) < 300000: got += tls.recv(65536)
                    facts = tls.version(), tls.selected_alpn_protocol()
                    tls.unwrap().close()
                    print(*facts, got == b"HELLO " * 50000)
            """
        let (text, server) = try serve(contexts.strict) { port in
            let (process, output) = try start("/usr/bin/env", ["python3", "-c", script, "\(port)"])
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return text
        }
        #expect(text == "TLSv1.3 h2 True\n")
        #expect(server == "h2 spiffe://outside/client")
    }

    /// A client of ours against `openssl s_server -rev`, which answers each line reversed.
    private func ask(_ arguments: [String], _ context: PublicTLSContext, names: TLSPeerNames) throws -> String {
        defer { removeFiles() }
        let input = Pipe()
        let (process, output) = try start(
            "/usr/bin/openssl",
            ["s_server", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-key", "server.pem", "-rev"] + arguments,
            input: input)
        defer {
            // It inherits the test's signal mask, which may keep SIGTERM from it.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        var said = ""
        while !said.contains("\n") || !said.contains("ACCEPT") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { return said }
            said += String(decoding: data, as: UTF8.self)
        }
        // "ACCEPT 127.0.0.1:40001"
        guard let line = said.split(separator: "\n").first(where: { $0.hasPrefix("ACCEPT") }),
            let port = line.split(separator: ":").last.flatMap({ UInt16($0) })
        else { return said }
        var result = ""
        try onLoop { loop, done in
            let address = SocketAddress.loopback4(port: port)
            TCPConnection.connect(
                loop: loop, socket: try Socket.tcp(for: address), to: address, timeout: .seconds(10)
            ) {
                guard case .success(let connection) = $0 else { return done() }
                TLSChannel.connect(
                    over: .over(connection), context: context, serverName: "localhost", names: names,
                    protocols: ["h2", "http/1.1"], timeout: .seconds(10)
                ) {
                    switch $0 {
                    case .failure(let failure):
                        result = failure.message
                        done()
                    case .success(let channel):
                        channel.onBytes = { bytes in
                            result += String(decoding: bytes, as: UTF8.self)
                            channel.credit(bytes.count)
                            guard result.hasSuffix("\n") else { return }
                            result += channel.applicationProtocol ?? "none"
                            channel.close(reset: false)
                            done()
                        }
                        channel.onLost = {
                            result += "lost: \($0)"
                            done()
                        }
                        channel.start()
                        Array("hello\n".utf8).withUnsafeBytes { channel.send($0) }
                    }
                }
            }
        }
        return result
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func asksAnOpensslServer(version: String) throws {
        let answer = try ask([version, "-alpn", "http/1.1"], contexts.client, names: .oneOf(["localhost"]))
        #expect(answer == "olleh\nhttp/1.1")
    }

    @Test func refusesAnOpensslServerOfAnotherName() throws {
        let answer = try ask([], contexts.client, names: .oneOf(["elsewhere.example"]))
        #expect(answer == "peer certificate is for localhost, expected elsewhere.example")
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func showsItsCertificateToAnOpensslServer(version: String) throws {
        let demand = [version, "-Verify", "1", "-verify_return_error", "-CAfile", "root.pem"]
        #expect(try ask(demand, contexts.known, names: .any) == "olleh\nnone")
    }

    @Test func anOpensslServerThatWantsOneSaysSo() throws {
        let demand = ["-tls1_2", "-Verify", "1", "-verify_return_error", "-CAfile", "root.pem"]
        #expect(try ask(demand, contexts.client, names: .any).contains("alert"))
    }
}
