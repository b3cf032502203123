import HTTPWire
import LinuxSystem
import MeshRuntime
import Testing

/// A tunnel that is drained: its last bytes arrive, and it ends whatever its peer does.
@Suite struct DrainTests {
    private static let length = 150_000

    /// The client's end of a tunnel that is drained at the server; when its client has seen that and takes nothing more, the only stream
    /// gets its response: that is the tail.
    private func drained(
        _ loop: EventLoop, closed: @escaping (TunnelClosure) -> Void,
        ready: @escaping (StallingHop, _ received: @escaping () -> Int) -> Void
    ) throws {
        let hop = StallingHop(loop)
        var configuration = HTTP2Configuration()
        configuration.initialStreamWindow = 1 << 20
        configuration.connectionWindow = 1 << 20
        configuration.keepAlivePing = nil
        var served: TunnelStream?
        try tunnelPair(loop, configuration, hop: hop.listen) { stream in
            if let raw = stream.tunnel.raw { try? Socket.setBufferSizes(raw, send: 4096, receive: 4096) }
            served = stream
        } ready: { tunnel in
            var received = 0
            let stream = tunnel.open(
                .request(method: "GET", scheme: "https", authority: "a", path: "/"), endStream: true,
                onResponse: { _, _, _ in }, onEnd: { _, _ in })
            stream?.receiveMessages(onData: { received += $0.count }, onEnd: { _ in })
            when(loop, { served != nil }) {
                guard let served else { return }
                served.tunnel.onClosed = closed
                served.tunnel.drain()
                when(loop, { !tunnel.isOpenForNewStreams }) {
                    // The answer to the PING behind the GOAWAY has come when this much time has passed.
                    loop.schedule(after: .milliseconds(50)) {
                        hop.stall()
                        served.respond(.response(status: 200), endStream: false)
                        served.receiveMessages(onData: { _ in }, onEnd: { _ in })
                        served.send([UInt8](repeating: 1, count: Self.length), endStream: true)
                        #expect(served.isGone && served.tunnel.pendingBytes > 0)
                        ready(hop, { received })
                    }
                }
            }
        }
    }

    @Test func aPeerThatIsSlowGetsTheTail() throws {
        try onLoop { loop, done in
            var closures: [TunnelClosure] = []
            try drained(loop, closed: { closures.append($0) }) { hop, received in
                // Longer than a closed tunnel lingers.
                loop.schedule(after: RuntimeLimits.closeLinger + .milliseconds(200)) {
                    #expect(closures.isEmpty && received() == 0)
                    hop.resume()
                    when(loop, { closures.count == 1 && received() == Self.length }) {
                        #expect(closures[0].reason == .drained)
                        done()
                    }
                }
            }
        }
    }

    @Test func aPeerThatTakesNothingOfTheTailIsGivenUp() throws {
        try onLoop { loop, done in
            loop.outputPatience = .milliseconds(100)
            var isStalled = false
            try drained(
                loop,
                closed: {
                    #expect(isStalled && $0.reason == .drained)
                    done()
                },
                ready: { _, _ in isStalled = true })
        }
    }

    /// One without a stream ends when the PING behind its GOAWAY is answered, though that has to wait behind a full output.
    @Test func theAnswerToTheLastPingComesThroughAFullOutput() throws {
        try onLoop { loop, done in
            var configuration = HTTP2Configuration()
            configuration.keepAlivePing = nil
            var server: Tunnel?
            try tunnelPair(loop, configuration) { stream in
                server = stream.tunnel
                stream.respond(.response(status: 200), endStream: false)
                stream.receiveMessages(onData: { _ in }, onEnd: { _ in stream.finish(trailers: HTTPFieldBlock()) })
                stream.tunnel.drain()
            } ready: { tunnel in
                let payload = RuntimeLimits.recordBytes - RuntimeLimits.frameHeaderBytes
                let bytes = [UInt8](repeating: 1, count: payload * RuntimeLimits.stagedFrames)
                let stream = tunnel.open(
                    .request(method: "POST", scheme: "https", authority: "a", path: "/"), onResponse: { _, _, _ in },
                    onEnd: { _, _ in })
                stream?.receiveMessages(onData: { _ in }, onEnd: { _ in })
                var closed = 0
                tunnel.onClosed = { _ in closed += 1 }
                func feed() {
                    guard tunnel.isOpenForNewStreams else {
                        stream?.send(bytes, endStream: true)
                        return
                    }
                    stream?.send(bytes, endStream: false)
                    loop.schedule(after: .milliseconds(1)) { feed() }
                }
                feed()
                when(loop, { server != nil }) {
                    server?.onClosed = { _ in closed += 1 }
                    when(loop, { closed == 2 }, done)
                }
            }
        }
    }
}
