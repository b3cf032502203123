import HTTPWire
import Testing

/// What the tables cannot show: calls, time, going away.
@Suite struct ConnectionTests {
    @Test("a client begins with preface, SETTINGS and the connection's window")
    func clientPreface() {
        var peer = Peer(.client)
        #expect(peer.takeLines() == ["> preface", "> SETTINGS", "> WINDOW_UPDATE 0 16711681"])
    }

    @Test("a server begins with SETTINGS and the connection's window")
    func serverPreface() {
        var peer = Peer(.server)
        #expect(peer.takeLines() == ["> SETTINGS", "> WINDOW_UPDATE 0 16711681"])
    }

    @Test("5.1.2 streams are opened up to the peer's limit, 100 before it is known")
    func limit() {
        var peer = Peer(.client)
        for _ in 0..<100 { #expect(peer.connection.openStream(.connect(authority: "a:1"), endStream: false) != nil) }
        #expect(peer.connection.canOpenStream == false)
        #expect(peer.connection.openStream(.connect(authority: "a:1"), endStream: false) == nil)
        peer.feed(Frames.settings([(3, 101)]))
        #expect(peer.connection.peerMaxConcurrentStreams == 101)
        #expect(peer.connection.openStream(.connect(authority: "a:1"), endStream: false) == HTTP2StreamID(201))
        #expect(peer.connection.openStream(.connect(authority: "a:1"), endStream: false) == nil)
        #expect(peer.connection.openStreamCount == 101)
    }

    @Test("a server opens no streams")
    func serverOpens() {
        var peer = Peer.ready(.server)
        #expect(peer.connection.openStream(.connect(authority: "a:1"), endStream: false) == nil)
    }

    @Test("RFC 8441 extended CONNECT only when announced")
    func extendedConnect() {
        var fields = HTTPFieldBlock.connect(authority: "a")
        fields.append(name: ":protocol", value: "websocket")
        fields.append(name: ":scheme", value: "https")
        fields.append(name: ":path", value: "/")
        var peer = Peer.ready(.client)
        #expect(peer.connection.openStream(fields, endStream: false) == nil)
        peer.feed(Frames.settings([(8, 1)]))
        #expect(peer.connection.openStream(fields, endStream: false) != nil)
    }

    @Test("8.3.1 whoever reads a request finds its host in :authority, and nowhere else", arguments: [true, false])
    func host(hasAuthority: Bool) throws {
        let pseudo = [(":method", "GET"), (":scheme", "http"), (":path", "/")]
        let fields = pseudo + (hasAuthority ? [(":authority", "a")] : []) + [("x", "1"), ("host", "a")]
        let time = MonotonicTime(nanoseconds: 1)
        var connection = HTTP2Connection(role: .server, configuration: HTTP2Configuration(), now: time)
        var events: [HTTP2Event] = []
        (Frames.preface + Frames.settings() + Frames.headers(1, fields, end: true)).withUnsafeBytes {
            connection.receive($0, now: time, events: &events)
        }
        var heads: [HTTPFieldBlock] = []
        for case .headers(_, let head, _) in events { heads.append(head) }
        let head = try #require(heads.first)
        #expect(head.fields.map(\.name) == [":method", ":scheme", ":path", ":authority", "x"])
        #expect(head.first(":authority") == "a")
    }

    @Test("5.1 trailers behind a reset are the last of their stream")
    func trailersAfterReset() {
        var peer = Peer.ready(.server)
        peer.feed(Frames.headers(1, Frames.post))
        peer.connection.reset(HTTP2StreamID(1), .cancel)
        _ = peer.takeLines()
        peer.feed(Frames.headers(1, [("x", "1")], end: true))
        #expect(peer.takeLines() == [])
        peer.feed(Frames.headers(1, [("x", "1")], end: true))
        #expect(peer.takeLines().contains { $0.contains("STREAM_CLOSED") })
    }

    @Test("large header lists are sent as CONTINUATION")
    func continuation() {
        var peer = Peer.ready(.client)
        var fields = HTTPFieldBlock.connect(authority: "a:1")
        fields.append(name: "x", value: String(repeating: "~", count: 40_000))
        _ = peer.connection.openStream(fields, endStream: true)
        #expect(peer.takeLines() == ["> HEADERS 7 end", "> CONTINUATION 7", "> CONTINUATION 7"])
    }

    @Test("6.8 a graceful server warns, waits a round trip, and loses no request")
    func gracefulServer() {
        var peer = Peer.ready(.server)
        peer.feed(Frames.headers(1, Frames.post))
        _ = peer.takeLines()
        peer.connection.goAway(.noError, graceful: true)
        #expect(peer.takeLines() == ["> GOAWAY max NO_ERROR", "> PING"])
        let opaque = Array(peer.rawOutput.suffix(8))
        peer.feed(Frames.headers(3, Frames.get, end: true))
        peer.feed(Frames.frame(6, flags: 1, 0, opaque))
        #expect(peer.takeLines() == ["headers 3 GET end", "> GOAWAY 3 NO_ERROR"])
        peer.feed(Frames.headers(5, Frames.get, end: true) + Frames.rst(5))
        #expect(peer.takeLines() == [])
        #expect(peer.connection.isDrained == false)
        peer.connection.sendHeaders(HTTP2StreamID(3), .response(status: 200), endStream: true)
        peer.feed(Frames.data(1, "", end: true))
        peer.connection.sendHeaders(HTTP2StreamID(1), .response(status: 200), endStream: true)
        #expect(peer.connection.isDrained == true)
    }

    @Test("6.8 an abrupt server names the last stream at once")
    func abruptServer() {
        var peer = Peer.ready(.server)
        peer.feed(Frames.headers(1, Frames.post))
        _ = peer.takeLines()
        peer.connection.goAway(.internalError, graceful: false)
        #expect(peer.takeLines() == ["> GOAWAY 1 INTERNAL_ERROR"])
    }

    @Test("6.8 a client that goes away opens nothing more")
    func client() {
        var peer = Peer.ready(.client)
        peer.connection.goAway(.noError, graceful: true)
        #expect(peer.takeLines() == ["> GOAWAY 0 NO_ERROR"])
        #expect(peer.connection.canOpenStream == false)
        peer.feed(Frames.headers(1, Frames.ok, end: true))
        #expect(peer.takeLines() == ["headers 1 200 end"])
    }

    @Test("6.8 after the server's GOAWAY a client opens nothing more and is drained by its last stream")
    func clientDrains() {
        var peer = Peer.ready(.client)
        peer.feed(Frames.goAway(1))
        #expect(peer.connection.canOpenStream == false)
        #expect(peer.connection.isDrained == false)
        peer.feed(Frames.headers(1, Frames.ok, end: true))
        #expect(peer.connection.isDrained == true)
    }

    @Test("keep-alive: silence, PING, silence, dead within 30 s")
    func keepAlive() {
        var peer = Peer.ready(.client)
        #expect(peer.connection.nextDeadline == peer.time + .seconds(10))
        peer.pass(.seconds(9))
        #expect(peer.takeLines() == [])
        peer.pass(.seconds(1))
        #expect(peer.takeLines() == ["> PING"])
        #expect(peer.connection.nextDeadline == peer.time + .seconds(20))
        peer.pass(.seconds(20))
        #expect(peer.takeLines() == ["failed NO_ERROR", "> GOAWAY 0 NO_ERROR"])
        #expect(peer.connection.nextDeadline == nil)
        #expect(peer.failureText?.contains("30.0 seconds") == true)
    }

    @Test("keep-alive: any byte is a sign of life")
    func signOfLife() {
        var peer = Peer.ready(.client)
        peer.pass(.seconds(10))
        #expect(peer.takeLines() == ["> PING"])
        peer.time = peer.time + .seconds(19)
        peer.feed([0])
        #expect(peer.connection.nextDeadline == peer.time + .seconds(10))
        peer.pass(.seconds(5))
        #expect(peer.takeLines() == [])
    }

    @Test("keep-alive can be off")
    func noKeepAlive() {
        var configuration = HTTP2Configuration()
        configuration.keepAlivePing = nil
        var peer = Peer.ready(.client, configuration)
        #expect(peer.connection.nextDeadline == nil)
        peer.pass(.seconds(1_000))
        #expect(peer.takeLines() == [])
    }

    @Test("ping and pong")
    func pong() {
        var peer = Peer.ready(.client)
        peer.connection.ping(0x0102_0304_0506_0708)
        #expect(peer.takeLines() == ["> PING"])
        #expect(Array(peer.rawOutput.suffix(8)) == [1, 2, 3, 4, 5, 6, 7, 8])
        peer.feed(Frames.frame(6, flags: 1, 0, [1, 2, 3, 4, 5, 6, 7, 8]))
        #expect(peer.takeLines() == ["pong 72623859790382856"])
    }

    @Test("reset: RST_STREAM, no event, a second one does nothing")
    func reset() {
        var peer = Peer.ready(.client)
        peer.connection.reset(HTTP2StreamID(3), .cancel)
        peer.connection.reset(HTTP2StreamID(3), .cancel)
        peer.connection.sendHeaders(HTTP2StreamID(3), .response(status: 200), endStream: true)
        peer.connection.didSendData(HTTP2StreamID(3), byteCount: 4, endStream: true)
        peer.connection.credit(HTTP2StreamID(3), byteCount: 4)
        #expect(peer.takeLines() == ["> RST_STREAM 3 CANCEL"])
        #expect(peer.connection.openStreamCount == 2)
    }

    @Test("the frame header of DATA")
    func dataHeader() {
        var bytes = [UInt8](repeating: 0xff, count: 9)
        bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            HTTP2Connection.writeDataFrameHeader(
                length: 0x012345, endStream: true, stream: HTTP2StreamID(0x0a0b_0c0d), into: base)
        }
        #expect(bytes == [0x01, 0x23, 0x45, 0, 1, 0x0a, 0x0b, 0x0c, 0x0d])
    }

    @Test("why a message was malformed is kept for logs")
    func reason() {
        var peer = Peer.ready(.server)
        peer.feed(Frames.headers(1, Frames.get + [("upgrade", "h2c")], end: true))
        #expect(peer.connection.lastMalformedMessage == .connectionSpecificField)
        #expect(peer.connection.counters.malformedMessages == 1)
    }

    @Test("5.1 every frame in every state of a stream has one of the results that the RFC allows")
    func stateTimesInput() {
        let states: [(String, [[UInt8]], (inout HTTP2Connection) -> Void)] = [
            ("idle", [], { _ in }),
            ("open", [Frames.headers(1, Frames.post)], { _ in }),
            ("half-closed (remote)", [Frames.headers(1, Frames.post, end: true)], { _ in }),
            (
                "half-closed (local)", [Frames.headers(1, Frames.post)],
                {
                    $0.sendHeaders(HTTP2StreamID(1), .response(status: 200), endStream: true)
                }
            ),
            (
                "closed by END_STREAM", [Frames.headers(1, Frames.post, end: true)],
                {
                    $0.sendHeaders(HTTP2StreamID(1), .response(status: 200), endStream: true)
                }
            ),
            ("closed by our reset", [Frames.headers(1, Frames.post)], { $0.reset(HTTP2StreamID(1), .cancel) }),
            ("closed by the peer's reset", [Frames.headers(1, Frames.post), Frames.rst(1)], { _ in }),
        ]
        let inputs: [(String, [UInt8], [String])] = [
            // In the order of the states: . nothing wrong, s stream error, c connection error.
            ("HEADERS", Frames.headers(1, [("a", "b")], end: true), ["s", ".", "s", ".", "c", ".", "c"]),
            ("DATA", Frames.data(1, "x"), ["c", ".", "s", ".", "s", ".", "s"]),
            ("PRIORITY", Frames.frame(2, 1, [0, 0, 0, 0, 1]), [".", ".", ".", ".", ".", ".", "."]),
            ("RST_STREAM", Frames.rst(1), ["c", ".", ".", ".", ".", ".", "."]),
            ("WINDOW_UPDATE", Frames.windowUpdate(1, 1), ["c", ".", ".", ".", ".", ".", "."]),
            ("PUSH_PROMISE", Frames.frame(5, flags: 4, 1, [0, 0, 0, 2]), ["c", "c", "c", "c", "c", "c", "c"]),
            ("CONTINUATION", Frames.continuation(1, [], end: true), ["c", "c", "c", "c", "c", "c", "c"]),
            ("unknown", Frames.frame(0xbb, 1, []), [".", ".", ".", ".", ".", ".", "."]),
        ]
        for (input, bytes, results) in inputs {
            for (index, state) in states.enumerated() {
                var peer = Peer.ready(.server)
                for frame in state.1 { peer.feed(frame) }
                state.2(&peer.connection)
                _ = peer.takeLines()
                peer.feed(bytes)
                let lines = peer.takeLines()
                let result =
                    lines.contains { $0.hasPrefix("failed") }
                    ? "c" : lines.contains { $0.hasPrefix("> RST_STREAM") } ? "s" : "."
                #expect(result == results[index], "\(input) in state \(state.0)")
            }
        }
    }
}
