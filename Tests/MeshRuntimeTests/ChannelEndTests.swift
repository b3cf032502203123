import HTTPWire
import LinuxSystem
import MeshRuntime
import TLSEngine
import Testing

/// The ends of channels: whoever waits is told, and nothing that was complete is lost.
@Suite struct ChannelEndTests {
    // MARK: the last word of TLS

    /// `finish` queues the close_notify: who waits until that has left must hear of it, though nothing else was sent since.
    @Test func aFinishedTLSChannelSaysWhenItsLastWordHasLeft() throws {
        let contexts = try PublicPair.shared.get()
        try onLoop { loop, done in
            try channelPair(loop) { below, above in
                TLSChannel.accept(over: above, selection: { _ in .use(contexts.server) }, timeout: .seconds(10)) {
                    guard case .success(let server) = $0 else { return }
                    server.onBytes = { server.credit($0.count) }
                    server.start()
                }
                TLSChannel.connect(
                    over: below, context: contexts.client, serverName: "localhost", names: .any, protocols: [],
                    timeout: .seconds(10)
                ) {
                    guard case .success(let client) = $0 else { return }
                    client.start()
                    client.onRoom = {
                        client.onRoom = {
                            #expect(client.queuedBytes == 0)
                            done()
                        }
                        loop.schedule(after: .milliseconds(1)) {
                            client.finish()
                            #expect(client.queuedBytes > 0)
                        }
                    }
                    client.send("said")
                }
            }
        }
    }

    /// What one turn has gathered below is taken for gone until the kernel refuses it: who sees the queue grow only then is told as well.
    @Test func whatTheKernelRefusesAtTheTurnsEndIsWaitedForToo() throws {
        let contexts = try PublicPair.shared.get()
        try onLoop { loop, done in
            try channelPair(loop) { below, above in
                var server: TLSChannel?
                TLSChannel.accept(over: above, selection: { _ in .use(contexts.server) }, timeout: .seconds(10)) {
                    if case .success(let channel) = $0 { server = channel }
                }
                TLSChannel.connect(
                    over: below, context: contexts.client, serverName: "localhost", names: .any, protocols: [],
                    timeout: .seconds(10)
                ) {
                    guard case .success(let client) = $0 else { return }
                    client.start()
                    // Nobody reads, so the kernel takes no more at last, in the middle of such a piece.
                    func fill() {
                        guard client.queuedBytes == 0 else {
                            client.onRoom = {
                                #expect(client.queuedBytes == 0)
                                done()
                            }
                            server?.onBytes = { server?.credit($0.count) }
                            server?.start()
                            return
                        }
                        let piece = [UInt8](repeating: 1, count: 3_000)
                        piece.withUnsafeBytes { client.send($0) }
                        loop.schedule(after: .zero) { fill() }
                    }
                    when(loop, { server != nil }, fill)
                }
            }
        }
    }

    // MARK: an end and a reset at once

    /// The client's channel of a stream whose server says all that it has, its end and a reset at once.
    private func answered(
        _ loop: EventLoop, reset: Bool, _ body: @escaping (_ tunnel: Tunnel, _ channel: ByteChannel) -> Void
    ) throws {
        try tunnelPair(loop) { stream in
            stream.respond(.response(status: 200), endStream: false)
            let channel = ByteChannel.over(stream)
            channel.start()
            channel.send("answer")
            channel.finish()
            channel.close(reset: reset)
        } ready: { tunnel in
            _ = tunnel.open(
                .connect(authority: "10.0.0.1:80"), onResponse: { stream, _, _ in body(tunnel, .over(stream)) },
                onEnd: { _, _ in })
        }
    }

    /// A server that has said all and wants no more sends both at once (RFC 9113 section 8.1): what it said is complete.
    @Test func anEndAndAResetInOneBatchAreAnEnd() throws {
        try onLoop { loop, done in
            let memory = HeldMemory(limit: 1 << 20)
            loop.memory = memory
            try answered(loop, reset: false) { tunnel, channel in
                var received: [UInt8] = []
                var ends = 0
                channel.onBytes = { received += Array($0) }
                channel.onEnd = { ends += 1 }
                channel.onLost = { _ = Issue.record("lost: \($0)") }
                // Whoever waits for room waits for nothing any more.
                channel.onRoom = {
                    #expect(received == Array("answer".utf8) && ends == 1)
                    #expect(!channel.isOpen && channel.queuedBytes == 0)
                    channel.close(reset: false)
                    loop.schedule(after: .milliseconds(5)) {
                        #expect(ends == 1 && tunnel.activeStreams == 0 && memory.held == 0 && memory.granted == 0)
                        done()
                    }
                }
                channel.start()
                // More than the windows allow.
                let upload = [UInt8](repeating: 1, count: 32 << 20)
                upload.withUnsafeBytes { channel.send($0) }
                #expect(channel.queuedBytes > 0)
            }
        }
    }

    /// The same with an error is a loss, after what was said before it.
    @Test func anEndAndAnErrorInOneBatchAreALoss() throws {
        try onLoop { loop, done in
            try answered(loop, reset: true) { _, channel in
                var told: [String] = []
                channel.onBytes = { told.append("\($0.count) bytes") }
                channel.onEnd = { told.append("end") }
                channel.onLost = {
                    told.append($0)
                    #expect(told == ["6 bytes", "end", "reset by the peer: CONNECT_ERROR"])
                    done()
                }
                channel.start()
            }
        }
    }

    /// In message mode: the response is complete, whatever comes behind it.
    @Test func messagesEndBeforeTheResetBehindThem() throws {
        try onLoop { loop, done in
            try tunnelPair(loop) { stream in
                stream.respond(.response(status: 200), endStream: false)
                stream.receiveMessages(onData: { _ in }, onEnd: { _ in })
                stream.send([1, 2, 3], endStream: true)
                stream.reset(.noError)
            } ready: { tunnel in
                var told: [String] = []
                let stream = tunnel.open(
                    .request(method: "POST", scheme: "https", authority: "a", path: "/"), onResponse: { _, _, _ in },
                    onEnd: { _, end in
                        if case .reset(.noError, byPeer: true) = end { told.append("reset") }
                        #expect(told == ["3 bytes", "end", "reset"])
                        done()
                    })
                stream?.receiveMessages(
                    onData: { told.append("\($0.count) bytes") }, onEnd: { _ in told.append("end") })
            }
        }
    }
}
