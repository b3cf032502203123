import HTTPWire
import LinuxSystem
import MeshRuntime
import TLSEngine
import Testing

/// Nothing that one stream leaves behind may cost the others of its tunnel: neither window, nor a wake-up, nor a relay.
@Suite struct TunnelCreditTests {
    /// Sends 40,000 bytes and the end on one stream after the other; each must end, so each finds window.
    private func sendOneAfterTheOther(_ count: Int, on tunnel: Tunnel, _ done: @escaping () -> Void) {
        guard count > 0 else { return done() }
        let stream = tunnel.open(
            .request(method: "POST", scheme: "https", authority: "a", path: "/"), onResponse: { _, _, _ in },
            onEnd: { [self] _, _ in sendOneAfterTheOther(count - 1, on: tunnel, done) })
        stream?.receiveMessages(onData: { _ in }, onEnd: { _ in })
        #expect(stream?.send([UInt8](repeating: 1, count: 40_000), endStream: true) == true)
    }

    /// The owner of a channel may close it with bytes that it has never credited: those of a request behind the last one.
    @Test func aChannelThatIsClosedAfterBothEndsGivesItsWindowBack() throws {
        try onLoop { loop, done in
            try tunnelPair(loop, .narrow) { stream in
                stream.respond(.response(status: 200), endStream: false)
                let channel = ByteChannel.over(stream)
                channel.onBytes = { _ in }
                channel.onEnd = {
                    channel.finish()
                    channel.close(reset: false)
                }
                channel.start()
            } ready: { [self] tunnel in
                sendOneAfterTheOther(5, on: tunnel, done)
            }
        }
    }

    /// A request that is refused after it was complete: nobody has read what came with it.
    @Test func aRefusalAfterTheEndGivesTheWindowBack() throws {
        try onLoop { loop, done in
            try tunnelPair(loop, .narrow) { stream in
                when(loop, { stream.isRemoteEnded }) { stream.respond(.response(status: 400), endStream: true) }
            } ready: { [self] tunnel in
                sendOneAfterTheOther(5, on: tunnel, done)
            }
        }
    }

    /// The owner of a channel may pass on what has come when both ends are over, and not close the channel at all.
    @Test func whatIsCreditedAfterBothEndsIsGivenBack() throws {
        try onLoop { loop, done in
            try tunnelPair(loop, .narrow) { stream in
                stream.respond(.response(status: 200), endStream: false)
                let channel = ByteChannel.over(stream)
                var held = 0
                channel.onBytes = { held += $0.count }
                channel.onEnd = {
                    channel.finish()
                    loop.schedule(after: .milliseconds(1)) { channel.credit(held) }
                }
                channel.start()
            } ready: { [self] tunnel in
                sendOneAfterTheOther(5, on: tunnel, done)
            }
        }
    }

    /// The application resets when both sides of its stream have ended and a part of what came still waits for it.
    @Test func aResetOfTheApplicationGivesTheWindowBack() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            mesh.configuration = .narrow
            mesh.socketBuffer = 4096
            mesh.onUpstream = { socket in
                let connection = TCPConnection(loop: loop, socket: socket)
                connection.write([UInt8](repeating: 1, count: 45_000))
                connection.finishWriting()
                // Not closed at the end of the other side: what waits here would be dropped.
                connection.read(onBytes: { _ in }, onEnd: { _ in _ = connection })
            }
            // One that never reads, and ends its side; then it is gone.
            func resets(_ count: Int, _ body: @escaping () -> Void) throws {
                guard count > 0 else { return body() }
                let before = mesh.entryReports.count
                try mesh.watchedApplication { connection in
                    connection.finishWriting()
                    when(loop, { mesh.relays.last?.bytesFromSecond == 45_000 && mesh.clients[0].activeStreams == 0 }) {
                        connection.reset()
                        when(loop, { mesh.entryReports.count > before }) { try? resets(count - 1, body) }
                    }
                }
            }
            try resets(3) {
                #expect(mesh.clients.count == 1)
                var received = 0
                try? mesh.watchedApplication { connection in
                    connection.read(
                        onBytes: { received += $0.count },
                        onEnd: { error in
                            #expect(error == nil && received == 45_000)
                            done()
                        })
                }
            }
        }
    }

    /// RST_STREAM with NO_ERROR may come well after END_STREAM (RFC 9113 section 8.1): the relay is over then.
    @Test func aRelayEndsWhenTheResetComesAfterTheEnd() throws {
        try onLoop { loop, done in
            var ended: [RelayReport] = []
            var hasEnded = false
            var client: Tunnel?
            let captured = try Socket.listen(on: .loopback4(port: 0))
            let entry = try Socket.localAddress(captured.raw)
            let listener = try Listener(loop: loop, socket: captured) { socket, peer in
                let connection = TCPConnection(loop: loop, socket: socket, peer: peer)
                _ = client?.open(
                    .connect(authority: "10.0.0.1:80"),
                    onResponse: { stream, _, _ in _ = Relay.start(connection, stream) { ended.append($0) } },
                    onEnd: { _, end in _ = Issue.record("\(end)") })
            }
            loop.schedule(after: .seconds(3600)) { listener.close() }
            try tunnelPair(loop) { stream in
                stream.respond(.response(status: 200), endStream: false)
                let channel = ByteChannel.over(stream)
                channel.start()
                channel.send("answer")
                channel.finish()
                when(loop, { hasEnded }) { channel.close(reset: false) }
            } ready: { tunnel in
                client = tunnel
                guard let socket = try? Socket.tcp(for: entry) else { return }
                TCPConnection.connect(loop: loop, socket: socket, to: entry, timeout: .seconds(10)) {
                    guard case .success(let connection) = $0 else { return }
                    var received: [UInt8] = []
                    connection.read(
                        onBytes: { received.append(contentsOf: $0) },
                        onEnd: { error in
                            #expect(error == nil && received == Array("answer".utf8))
                            hasEnded = true
                            when(loop, { ended.count == 1 }) {
                                #expect(ended[0].outcome == .closed)
                                done()
                            }
                        })
                }
            }
        }
    }

    /// What is said about other streams waits while much is to be sent, and goes out when the socket has taken that, though nothing
    /// else happens on the tunnel.
    @Test func aStreamThatIsOpenedBehindAFullOutputIsHeardOf() throws {
        try onLoop { loop, done in
            var configuration = HTTP2Configuration()
            configuration.keepAlivePing = nil
            var seen = 0
            try tunnelPair(loop, configuration) { _ in
                seen += 1
                if seen == 2 { done() }
            } ready: { tunnel in
                // After the peer's SETTINGS: from then on nothing comes in that would wake the tunnel.
                when(loop, { tunnel.streamLimit == 200 }) {
                    loop.schedule(after: .milliseconds(50)) {
                        let post = HTTPFieldBlock.request(method: "POST", scheme: "https", authority: "a", path: "/")
                        let stream = tunnel.open(post, onResponse: { _, _, _ in }, onEnd: { _, _ in })
                        stream?.receiveMessages(onData: { _ in }, onEnd: { _ in })
                        // All that is staged at once, which with what TLS adds is as much as may wait.
                        let payload = RuntimeLimits.recordBytes - RuntimeLimits.frameHeaderBytes
                        let bytes = [UInt8](repeating: 1, count: payload * RuntimeLimits.stagedFrames)
                        stream?.send(bytes, endStream: false)
                        #expect(tunnel.pendingBytes >= RuntimeLimits.outputHighWatermark)
                        let connect = HTTPFieldBlock.connect(authority: "10.0.0.1:80")
                        _ = tunnel.open(connect, onResponse: { _, _, _ in }, onEnd: { _, _ in })
                    }
                }
            }
        }
    }
}
