import HTTPWire
import LinuxSystem
import MeshRuntime
import TLSEngine
import Testing

/// TLS over channels: credit, half-close, loss, and time.
@Suite struct TLSChannelTests {
    let contexts: PublicPair.Contexts

    init() throws {
        contexts = try PublicPair.shared.get()
    }

    /// Both ends of a TLS connection, neither of them started.
    private func secured(
        _ loop: EventLoop, server: PublicTLSContext? = nil, client: PublicTLSContext? = nil,
        _ body: @escaping (_ client: TLSChannel, _ server: TLSChannel) -> Void
    ) throws {
        let context = server ?? contexts.server
        try channelPair(loop) { below, above in
            var clientEnd: TLSChannel?
            var serverEnd: TLSChannel?
            TLSChannel.accept(over: above, selection: { _ in .use(context) }, timeout: .seconds(10)) {
                if case .success(let channel) = $0 { serverEnd = channel }
            }
            TLSChannel.connect(
                over: below, context: client ?? contexts.client, serverName: "localhost", names: .oneOf(["localhost"]),
                protocols: ["http/1.1"], timeout: .seconds(10)
            ) {
                if case .success(let channel) = $0 { clientEnd = channel }
            }
            when(loop, { clientEnd != nil && serverEnd != nil }) {
                if let clientEnd, let serverEnd { body(clientEnd, serverEnd) }
            }
        }
    }

    private func fail(_ what: String) { Issue.record(Comment(rawValue: what)) }

    private func send(_ bytes: [UInt8], _ channel: ByteChannel) { bytes.withUnsafeBytes { channel.send($0) } }

    @Test func carriesBytesBothWaysAndHalfCloses() throws {
        try onLoop { loop, done in
            try secured(loop) { client, server in
                #expect(client.applicationProtocol == "http/1.1" && server.applicationProtocol == "http/1.1")
                #expect(client.peerCertificate?.dnsNames == ["localhost"] && server.peerCertificate == nil)
                var asked: [UInt8] = []
                var answered: [UInt8] = []
                server.onBytes = {
                    asked += Array($0)
                    server.credit($0.count)
                }
                server.onEnd = {
                    #expect(asked == Array("hello".utf8))
                    // The client has ended; the other direction goes on.
                    send(Array("good day".utf8), server)
                    server.finish()
                }
                client.onBytes = {
                    answered += Array($0)
                    client.credit($0.count)
                }
                client.onEnd = {
                    #expect(answered == Array("good day".utf8))
                    client.close(reset: false)
                    server.close(reset: false)
                    done()
                }
                server.onLost = { Issue.record("lost: \($0)") }
                client.onLost = { Issue.record("lost: \($0)") }
                server.start()
                client.start()
                send(Array("hel".utf8), client)
                send(Array("lo".utf8), client)
                #expect(client.queuedBytes == 5)
                client.finish()
            }
        }
    }

    /// 16 MiB towards an owner who credits nothing for a while: the sender's queue fills, then everything arrives in order.
    @Test func waitsForCredit() throws {
        try onLoop { loop, done in
            try secured(loop) { client, server in
                let total = 16 * 1024 * 1024
                let piece = [UInt8]((0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
                var sent = 0
                var received = 0
                var held = 0
                var isRight = true
                var mayCredit = false
                func more() {
                    while sent < total, client.queuedBytes < 1_000_000 {
                        send(piece, client)
                        sent += piece.count
                    }
                    if sent == total { client.finish() }
                }
                client.onRoom = { more() }
                server.onBytes = { bytes in
                    for (index, byte) in bytes.enumerated() where byte != piece[(received + index) % piece.count] {
                        isRight = false
                    }
                    received += bytes.count
                    if mayCredit { server.credit(bytes.count) } else { held += bytes.count }
                }
                server.onEnd = {
                    #expect(received == total && isRight)
                    done()
                }
                server.start()
                client.start()
                more()
                // Nothing moves when both kernels and both windows are full.
                var last = -1
                func watch() {
                    loop.schedule(after: .milliseconds(50)) {
                        guard received == last else {
                            last = received
                            return watch()
                        }
                        #expect(received < total && client.queuedBytes > 0)
                        mayCredit = true
                        server.credit(held)
                    }
                }
                watch()
            }
        }
    }

    @Test func anEndWithoutCloseNotifyIsALoss() throws {
        try onLoop { loop, done in
            try channelPair(loop) { below, above in
                TLSChannel.accept(over: above, selection: { _ in .use(contexts.server) }, timeout: .seconds(10)) {
                    guard case .success(let server) = $0 else { return }
                    server.onBytes = { server.credit($0.count) }
                    server.onEnd = { Issue.record("an end") }
                    server.onLost = { reason in
                        #expect(reason.contains("without close_notify"))
                        #expect(!server.isOpen)
                        done()
                    }
                    server.start()
                }
                TLSChannel.connect(
                    over: below, context: contexts.client, serverName: nil, names: .oneOf(["127.0.0.1"]), protocols: [],
                    timeout: .seconds(10)
                ) {
                    guard case .success(let client) = $0 else { return }
                    client.start()
                    send([1], client)
                    loop.schedule(after: .milliseconds(1)) { below.finish() }
                }
            }
        }
    }

    @Test func whatComesBeforeTheStartIsKept() throws {
        try onLoop { loop, done in
            try secured(loop) { client, server in
                client.start()
                send([UInt8](repeating: 5, count: 100_000), client)
                client.finish()
                when(loop, { client.queuedBytes == 0 }) {
                    var received = 0
                    server.onBytes = {
                        received += $0.count
                        server.credit($0.count)
                    }
                    server.onEnd = {
                        #expect(received == 100_000)
                        done()
                    }
                    server.start()
                    #expect(received == 0)
                }
            }
        }
    }

    @Test func takesOverWhatSomebodyElseHasReceived() throws {
        try onLoop { loop, done in
            try channelPair(loop) { below, above in
                var seen: [UInt8] = []
                above.onBytes = { bytes in
                    seen += Array(bytes)
                    guard seen.count == bytes.count else { return }
                    loop.schedule(after: .zero) {
                        TLSChannel.accept(
                            over: above, received: seen, selection: { _ in .use(contexts.server) },
                            timeout: .seconds(10)
                        ) {
                            guard case .success(let server) = $0 else { return fail("no TLS") }
                            server.onBytes = {
                                #expect($0.count == 3)
                                done()
                            }
                            server.start()
                        }
                    }
                }
                above.start()
                TLSChannel.connect(
                    over: below, context: contexts.client, serverName: "localhost", names: .any, protocols: [],
                    timeout: .seconds(10)
                ) {
                    guard case .success(let client) = $0 else { return }
                    client.start()
                    send([1, 2, 3], client)
                }
            }
        }
    }

    @Test func aSilentPeerRunsOutOfTime() throws {
        try onLoop { loop, done in
            try channelPair(loop) { below, above in
                var count = 0
                TLSChannel.accept(
                    over: above, selection: { _ in .use(contexts.server) }, timeout: .milliseconds(30)
                ) {
                    guard case .failure(let failure) = $0 else { return fail("open") }
                    #expect(failure.message.contains("no TLS handshake within"))
                    count += 1
                    // The peer sees the end.
                    below.onEnd = {
                        #expect(count == 1)
                        done()
                    }
                    below.start()
                }
            }
        }
    }

    @Test func aWrongNameIsReportedOnBothSides() throws {
        try onLoop { loop, done in
            try channelPair(loop) { below, above in
                var failures: [String] = []
                TLSChannel.accept(over: above, selection: { _ in .use(contexts.server) }, timeout: .seconds(10)) {
                    guard case .failure(let failure) = $0 else { return fail("open") }
                    #expect(failure.tls?.code == .peerAlert)
                    failures.append(failure.message)
                    if failures.count == 2 { done() }
                }
                TLSChannel.connect(
                    over: below, context: contexts.client, serverName: "localhost", names: .oneOf(["other.example"]),
                    protocols: [], timeout: .seconds(10)
                ) {
                    guard case .failure(let failure) = $0 else { return fail("open") }
                    #expect(failure.message == "peer certificate is for localhost, expected other.example")
                    failures.append(failure.message)
                    if failures.count == 2 { done() }
                }
            }
        }
    }

    /// TLS 1.3: the client believes it is through before the server has looked at its certificate.
    @Test func aClientWithoutACertificateIsLost() throws {
        try onLoop { loop, done in
            try channelPair(loop) { below, above in
                var isRefused = false
                TLSChannel.accept(over: above, selection: { _ in .use(contexts.strict) }, timeout: .seconds(10)) {
                    guard case .failure(let failure) = $0 else { return fail("open") }
                    isRefused = failure.message.contains("did not return a certificate")
                }
                TLSChannel.connect(
                    over: below, context: contexts.client, serverName: "localhost", names: .any, protocols: [],
                    timeout: .seconds(10)
                ) {
                    guard case .success(let client) = $0 else { return fail("no TLS") }
                    client.onLost = { reason in
                        #expect(reason.contains("certificate required"))
                        when(loop, { isRefused }, done)
                    }
                    client.start()
                }
            }
        }
    }

    @Test func aKnownClientIsNamed() throws {
        try onLoop { loop, done in
            try secured(loop, server: contexts.strict, client: contexts.known) { client, server in
                let certificate = server.peerCertificate
                #expect(certificate?.uriNames == ["spiffe://outside/client"])
                #expect(certificate?.sha256.count == 64)
                client.close(reset: true)
                server.close(reset: true)
                done()
            }
        }
    }

    @Test func resetIsALoss() throws {
        try onLoop { loop, done in
            try secured(loop) { client, server in
                server.onLost = { _ in done() }
                server.start()
                client.close(reset: true)
                #expect(!client.isOpen)
            }
        }
    }

    /// TLS inside a stream of a tunnel, which is TLS itself.
    @Test func nestsInATunnel() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            mesh.onUpstream = { socket in
                let below = ByteChannel.over(TCPConnection(loop: loop, socket: socket))
                TLSChannel.accept(over: below, selection: { _ in .use(contexts.server) }, timeout: .seconds(10)) {
                    guard case .success(let server) = $0 else { return fail("no TLS") }
                    server.onBytes = { bytes in
                        server.send(bytes)
                        server.credit(bytes.count)
                    }
                    server.onEnd = { server.finish() }
                    server.start()
                }
            }
            let socket = try Socket.tcp(for: mesh.exit)
            Tunnel.dial(
                loop: loop, socket: socket, to: mesh.exit, tls: mesh.certificates.client,
                serverName: "echo.test.cluster.local", expectedIdentities: nil, timeout: .seconds(10)
            ) { result in
                guard case .success(let tunnel) = result else { return fail("no tunnel") }
                _ = tunnel.open(
                    .connect(authority: mesh.upstream.description),
                    onResponse: { stream, _, _ in
                        TLSChannel.connect(
                            over: .over(stream), context: contexts.client, serverName: "localhost",
                            names: .oneOf(["localhost"]), protocols: ["h2"], timeout: .seconds(10)
                        ) {
                            guard case .success(let client) = $0 else { return fail("no TLS") }
                            let message = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
                            var received: [UInt8] = []
                            client.onBytes = {
                                received += Array($0)
                                client.credit($0.count)
                            }
                            client.onEnd = {
                                let isEqual = received == message
                                #expect(isEqual)
                                done()
                            }
                            client.start()
                            send(message, client)
                            client.finish()
                        }
                    }, onEnd: { _, _ in })
            }
        }
    }
}
