import Foundation
import LinuxSystem
import MeshRuntime
import TLSEngine
import TestCertificates
import Testing

/// A peer that we did not write: `openssl s_client` against a tunnel server (Z 2.1).
@Suite struct ForeignPeerTests {
    /// Runs s_client with `arguments` and returns what it printed, and what the server made of it.
    static func connect(_ arguments: [String], withCertificate: Bool = true) throws -> (text: String, server: String) {
        let authority = try TestAuthority()
        let issued = try authority.issue(.init(Certificates.identity))
        let server = try TLSContext(
            role: .server,
            material: TLSIdentityMaterial(
                certificateChainPEM: issued.certificatePEM, privateKeyPEM: issued.keyPEM, rootsPEM: authority.rootPEM),
            verification: .trustDomain("cluster.local"))
        let directory = NSTemporaryDirectory() + "ambit-s-client-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try (issued.certificatePEM + issued.keyPEM).write(
            toFile: directory + "/c.pem", atomically: false, encoding: .utf8)
        try authority.rootPEM.write(toFile: directory + "/root.pem", atomically: false, encoding: .utf8)
        let listening = try Socket.listen(on: .loopback4(port: 0))
        let port = try Socket.localAddress(listening.raw).port
        let number = listening.release()
        nonisolated(unsafe) var outcome = ""
        let thread = try LoopThread(name: "server") { loop in
            _ = try? Listener(loop: loop, socket: Descriptor(taking: number)) { socket, peer in
                Tunnel.accept(
                    loop: loop, socket: socket, peer: peer, contexts: .fixed(server), handshakeTimeout: .seconds(5),
                    onReady: { outcome = "open \($0.cipherSuite) \($0.peer.identity ?? "")" },
                    onFailure: { outcome = $0.message })
            }
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments =
            ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", directory + "/root.pem", "-brief"]
            + (withCertificate ? ["-cert", directory + "/c.pem", "-key", directory + "/c.pem"] : []) + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        thread.stopAndJoin()
        return (text, outcome)
    }

    @Test func opensWithTheRightSuite() throws {
        let (text, server) = try Self.connect(["-alpn", "h2"])
        #expect(text.contains("CONNECTION ESTABLISHED") && text.contains("TLSv1.3"))
        #expect(server == "open TLS_AES_256_GCM_SHA384 \(Certificates.identity)")
    }

    @Test func takesTheSmallerSuiteToo() throws {
        let (_, server) = try Self.connect(["-alpn", "h2", "-ciphersuites", "TLS_AES_128_GCM_SHA256"])
        #expect(server.hasPrefix("open TLS_AES_128_GCM_SHA256"))
    }

    @Test func chachaIsNotSpoken() throws {
        let (text, server) = try Self.connect(["-alpn", "h2", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"])
        #expect(!text.contains("CONNECTION ESTABLISHED"))
        #expect(server.contains("no shared cipher"))
    }

    @Test func olderVersionsAreRefused() throws {
        let (text, server) = try Self.connect(["-alpn", "h2", "-tls1_2"])
        #expect(text.contains("protocol version"))
        #expect(server.contains("unsupported protocol"))
    }

    @Test func withoutALPNThereIsNoTunnel() throws {
        let (_, server) = try Self.connect([])
        #expect(server.contains("does not offer the protocol h2 (ALPN)"))
    }

    @Test func anotherProtocolIsRefused() throws {
        let (text, server) = try Self.connect(["-alpn", "http/1.1"])
        #expect(text.contains("no application protocol"))
        #expect(server.contains("no application protocol"))
    }

    @Test func aClientWithoutACertificateIsRefused() throws {
        let (_, server) = try Self.connect(["-alpn", "h2"], withCertificate: false)
        #expect(server.contains("peer did not return a certificate"))
    }
}
