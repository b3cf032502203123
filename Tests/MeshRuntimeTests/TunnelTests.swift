import HTTPWire
import LinuxSystem
import MeshRuntime
import TLSEngine
import Testing

@Suite struct TunnelTests {
    @Test func drainLetsStreamsFinishAndThenCloses() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            mesh.onUpstream = { socket in
                let connection = TCPConnection(loop: loop, socket: socket)
                connection.read(
                    onBytes: { connection.write(Array($0)) }, onEnd: { _ in connection.finishWriting() })
            }
            try mesh.watchedApplication { connection in
                when(loop, { mesh.relays.count == 2 }) {
                    mesh.servers[0].drain()
                    when(loop, { !mesh.clients[0].isOpenForNewStreams }) {
                        #expect(mesh.clients[0].activeStreams == 1)
                        connection.write([1])
                        connection.read(
                            onBytes: { _ in connection.finishWriting() },
                            onEnd: { error in
                                #expect(error == nil)
                                when(loop, { mesh.closures.count == 1 }) {
                                    #expect(
                                        mesh.closures[0].reason == .drained || mesh.closures[0].reason == .closedByPeer)
                                    done()
                                }
                            })
                    }
                }
            }
        }
    }

    @Test func closeEndsStreamsAndSaysSo() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            mesh.onUpstream = { socket in
                let connection = TCPConnection(loop: loop, socket: socket)
                connection.read(onBytes: { _ in }, onEnd: { _ in connection.close() })
            }
            try mesh.watchedApplication { connection in
                connection.read(
                    onBytes: { _ in },
                    onEnd: { error in
                        #expect(error == .connectionReset)
                        connection.close()
                        #expect(mesh.closures.map(\.reason) == [.closedByPeer])
                        done()
                    })
                when(loop, { mesh.relays.count == 2 }) { mesh.servers[0].close(.enhanceYourCalm) }
            }
        }
    }

    @Test func strangersAreRefusedWithTheReason() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            let socket = try Socket.tcp(for: mesh.exit)
            Tunnel.dial(
                loop: loop, socket: socket, to: mesh.exit, tls: mesh.certificates.stranger, serverName: nil,
                expectedIdentities: nil, timeout: .seconds(5)
            ) { result in
                // In TLS 1.3 the client is done before the server has looked at its certificate.
                guard case .success(let tunnel) = result else {
                    Issue.record("\(result)")
                    return
                }
                tunnel.onClosed = { closure in
                    #expect(closure.reason == .tls)
                    #expect(closure.message.contains("the peer refused this end with the alert"))
                    #expect(mesh.failures.count == 1)
                    #expect(mesh.failures[0].message.contains("expected an identity of the trust domain cluster.local"))
                    #expect(mesh.failures[0].tls?.code == .verification)
                    done()
                }
            }
        }
    }

    @Test func theWrongServerIsRefused() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            let socket = try Socket.tcp(for: mesh.exit)
            Tunnel.dial(
                loop: loop, socket: socket, to: mesh.exit, tls: mesh.certificates.client, serverName: nil,
                expectedIdentities: ["spiffe://cluster.local/ns/test/sa/other"], timeout: .seconds(5)
            ) { result in
                guard case .failure(let failure) = result else {
                    Issue.record("accepted")
                    return
                }
                #expect(failure.stage == .handshake)
                #expect(
                    failure.message.hasSuffix(
                        "peer certificate is for \(Certificates.identity), expected spiffe://cluster.local/ns/test/sa/other"
                    ))
                done()
            }
        }
    }

    @Test func refusedAndSilentPeersAreToldApart() throws {
        try onLoop { loop, done in
            let pair = try Certificates.shared.get()
            let listener = try Socket.listen(on: .loopback4(port: 0))
            let silent = try Socket.localAddress(listener.raw)
            let closed = try Socket.listen(on: .loopback4(port: 0))
            let nobody = try Socket.localAddress(closed.raw)
            do { _ = consume closed }
            var stages: [TunnelFailure.Stage] = []
            for address in [silent, nobody] {
                Tunnel.dial(
                    loop: loop, socket: try Socket.tcp(for: address), to: address, tls: pair.client, serverName: nil,
                    expectedIdentities: nil, timeout: .milliseconds(200)
                ) { result in
                    guard case .failure(let failure) = result else { return }
                    stages.append(failure.stage)
                    #expect(failure.remote == address)
                    if failure.stage == .connect { #expect(failure.system == .connectionRefused) }
                    if stages.count == 2 {
                        #expect(stages == [.connect, .timeout])
                        done()
                    }
                }
            }
            _ = listener.release()
        }
    }

    /// A ClientHello that stops half way, and one that never comes: Z 1.1.
    @Test(arguments: [[], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]] as [[UInt8]])
    func halfAClientHelloEndsAtTheTimeout(bytes: [UInt8]) throws {
        try onLoop { loop, done in
            let pair = try Certificates.shared.get()
            let listening = try Socket.listen(on: .loopback4(port: 0))
            let address = try Socket.localAddress(listening.raw)
            let client = try Socket.tcp(for: address)
            _ = try Socket.connect(client.raw, to: address)
            var kept: Listener?
            kept = try Listener(loop: loop, socket: listening) { socket, peer in
                Tunnel.accept(
                    loop: loop, socket: socket, peer: peer, contexts: .fixed(pair.server),
                    handshakeTimeout: .milliseconds(200), onReady: { _ in _ = Issue.record("opened") },
                    onFailure: { failure in
                        #expect(failure.stage == .timeout)
                        kept?.close()
                        #expect(loop.sourceCount == 0)
                        done()
                    })
            }
            if !bytes.isEmpty { _ = try Transfer.send(client.raw, bytes) }
            _ = client.release()
        }
    }

    @Test func messagesGoBothWaysWithTrailers() throws {
        try onLoop { loop, done in
            let pair = try Certificates.shared.get()
            let listening = try Socket.listen(on: .loopback4(port: 0))
            let address = try Socket.localAddress(listening.raw)
            let request = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 3) })
            var listener: Listener?
            listener = try Listener(loop: loop, socket: listening) { socket, _ in
                Tunnel.accept(
                    loop: loop, socket: socket, contexts: .fixed(pair.server), handshakeTimeout: .seconds(5),
                    onReady: { tunnel in
                        tunnel.onRequest = { stream, fields in
                            #expect(fields.path == "/ambit.Test/Call")
                            var got: [UInt8] = []
                            stream.receiveMessages(
                                onData: { got.append(contentsOf: $0) },
                                onEnd: { _ in
                                    let equal = got == request
                                    #expect(equal)
                                    stream.respond(.response(status: 200), endStream: false)
                                    stream.send(Array("answer".utf8), endStream: false)
                                    var trailers = HTTPFieldBlock()
                                    trailers.append(name: "grpc-status", value: "0")
                                    stream.finish(trailers: trailers)
                                })
                        }
                    }, onFailure: { _ = Issue.record("\($0)") })
            }
            Tunnel.dial(
                loop: loop, socket: try Socket.tcp(for: address), to: address, tls: pair.client, serverName: nil,
                expectedIdentities: nil, timeout: .seconds(5)
            ) { result in
                guard case .success(let tunnel) = result else {
                    Issue.record("\(result)")
                    return
                }
                var answer: [UInt8] = []
                var trailers: HTTPFieldBlock?
                var stream: TunnelStream?
                stream = tunnel.open(
                    .request(method: "POST", scheme: "https", authority: "a", path: "/ambit.Test/Call"),
                    onResponse: { _, fields, _ in #expect(fields.status == 200) },
                    onEnd: { _, end in
                        if case .finished = end {} else { Issue.record("\(end)") }
                        #expect(answer == Array("answer".utf8))
                        #expect(trailers?.first("grpc-status") == "0")
                        #expect(tunnel.activeStreams == 0)
                        listener?.close()
                        done()
                    })
                stream?.receiveMessages(onData: { answer.append(contentsOf: $0) }, onEnd: { trailers = $0 })
                #expect(stream?.send(request, endStream: true) == true)
            }
        }
    }

    /// A peer that vanished without a word is found by PING (section 6).
    @Test func aSilentPeerIsFound() throws {
        try onLoop { loop, done in
            let pair = try Certificates.shared.get()
            let listening = try Socket.listen(on: .loopback4(port: 0))
            let address = try Socket.localAddress(listening.raw)
            let number = listening.release()
            // The far end's loop stops as soon as the tunnel is open, as if its host had lost power.
            let far = try LoopThread(name: "far") { loop in
                _ = try? Listener(loop: loop, socket: Descriptor(taking: number)) { socket, _ in
                    Tunnel.accept(
                        loop: loop, socket: socket, contexts: .fixed(pair.server), handshakeTimeout: .seconds(5),
                        onReady: { tunnel in tunnel.onRequest = { _, _ in loop.stop() } }, onFailure: { _ in })
                }
            }
            var configuration = HTTP2Configuration()
            configuration.keepAlivePing = HTTP2KeepAlive(interval: .milliseconds(50), timeout: .milliseconds(100))
            Tunnel.dial(
                loop: loop, socket: try Socket.tcp(for: address), to: address, tls: pair.client, serverName: nil,
                expectedIdentities: nil, configuration: configuration, timeout: .seconds(5)
            ) { result in
                guard case .success(let tunnel) = result else { return }
                var ended = false
                _ = tunnel.open(
                    .connect(authority: "10.0.0.1:80"), onResponse: { _, _, _ in },
                    onEnd: { _, end in if case .tunnelClosed = end { ended = true } })
                tunnel.onClosed = { closure in
                    guard case .http2 = closure.reason else {
                        Issue.record("\(closure)")
                        return
                    }
                    #expect(ended)
                    far.stopAndJoin()
                    done()
                }
            }
        }
    }

    /// RST_STREAM NO_ERROR after a complete answer loses none of it, however slow the reader.
    @Test func anOrderlyResetKeepsWhatWasSent() throws {
        try onLoop { loop, done in
            let pair = try Certificates.shared.get()
            let listening = try Socket.listen(on: .loopback4(port: 0))
            let address = try Socket.localAddress(listening.raw)
            let body = [UInt8](repeating: 3, count: 2 << 20)
            var listener: Listener?
            listener = try Listener(loop: loop, socket: listening) { socket, _ in
                Tunnel.accept(
                    loop: loop, socket: socket, contexts: .fixed(pair.server), handshakeTimeout: .seconds(5),
                    onReady: { tunnel in
                        tunnel.onRequest = { stream, _ in
                            stream.respond(.response(status: 200), endStream: false)
                            stream.receiveMessages(onData: { _ in }, onEnd: { _ in })
                            stream.send(body, endStream: true)
                            when(loop, { stream.pendingMessageBytes == 0 }) { stream.reset(.noError) }
                        }
                    }, onFailure: { _ = Issue.record("\($0)") })
            }
            let (near, far) = try Socket.pair()
            try Socket.setBufferSizes(near, send: 16_384, receive: 16_384)
            Tunnel.dial(
                loop: loop, socket: try Socket.tcp(for: address), to: address, tls: pair.client, serverName: nil,
                expectedIdentities: nil, timeout: .seconds(5)
            ) { result in
                guard case .success(let tunnel) = result else { return }
                var report: RelayReport?
                _ = tunnel.open(
                    .connect(authority: "10.0.0.1:80"),
                    onResponse: { stream, _, _ in
                        let connection = TCPConnection(loop: loop, socket: Descriptor(taking: near))
                        _ = Relay.start(connection, stream) { report = $0 }
                        when(loop, { stream.isGone }) {
                            var got = 0
                            func drain() {
                                while let bytes = try? Transfer.receive(far, upTo: 65_536), !bytes.isEmpty {
                                    got += bytes.count
                                }
                                guard report != nil else {
                                    loop.schedule(after: .milliseconds(1)) { drain() }
                                    return
                                }
                                #expect(got == body.count)
                                #expect(report?.outcome == .closed)
                                _ = Descriptor(taking: far)
                                listener?.close()
                                done()
                            }
                            drain()
                        }
                    }, onEnd: { _, _ in })
            }
        }
    }
}
