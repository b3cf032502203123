import HTTPWire
import Testing

/// RFC 9113 section 6.9, both directions and both levels.
@Suite struct FlowControlTests {
    private let one = HTTP2StreamID(1)
    private let three = HTTP2StreamID(3)

    /// A server with open streams to answer.
    private func server(
        _ streams: [UInt32], settings: [(UInt16, UInt32)] = [], _ configuration: HTTP2Configuration = .init()
    ) -> Peer {
        var peer = Peer.ready(.server, configuration, settings: settings)
        for id in streams {
            peer.feed(Frames.headers(id, Frames.post))
            peer.connection.sendHeaders(HTTP2StreamID(id), .response(status: 200), endStream: false)
        }
        _ = peer.takeLines()
        return peer
    }

    @Test("what is held for a peer is what was neither credited nor lost with its stream")
    func held() {
        var peer = server([1, 3])
        #expect(peer.connection.heldByteCount == 0)
        peer.feed(Frames.data(1, bytes: [UInt8](repeating: 0, count: 10_000)))
        peer.feed(Frames.data(3, bytes: [UInt8](repeating: 0, count: 5_000)))
        #expect(peer.connection.heldByteCount == 15_000)
        peer.connection.credit(one, byteCount: 4_000)
        #expect(peer.connection.heldByteCount == 11_000)
        peer.connection.reset(one, .cancel)
        #expect(peer.connection.heldByteCount == 5_000)
        peer.feed(Frames.data(1, bytes: [UInt8](repeating: 0, count: 7_000)))
        #expect(peer.connection.heldByteCount == 5_000)
    }

    /// A server of whose connection window of 65,535 bytes all but `left` are held, and that has been sent `count` more, which are credited:
    /// the lines about the connection's window.
    private func updates(left: Int, count: Int) -> [String] {
        var configuration = HTTP2Configuration()
        configuration.connectionWindow = 65_535
        configuration.initialStreamWindow = 65_535
        var peer = server([1, 3], configuration)
        for size in [16_384, 16_384, 16_384, 16_383 - left] {
            peer.feed(Frames.data(1, bytes: [UInt8](repeating: 0, count: size)))
        }
        _ = peer.takeLines()
        peer.feed(Frames.data(3, bytes: [UInt8](repeating: 0, count: count)))
        peer.connection.credit(three, byteCount: count)
        return peer.takeLines().filter { $0.hasPrefix("> WINDOW_UPDATE 0") }
    }

    @Test("what is held does not keep the rest of a window from going round, but single bytes get no answer each")
    func smallUpdates() {
        #expect(updates(left: 5_000, count: 4_200) == ["> WINDOW_UPDATE 0 4200"])
        #expect(updates(left: 5_000, count: 100) == [])
        #expect(updates(left: 1, count: 1) == [])
    }

    @Test("6.9.1 no more than the stream's window")
    func streamWindow() {
        var peer = server([1], settings: [(4, 10)])
        #expect(peer.connection.reserveData(one, upTo: 100) == 10)
        peer.connection.didSendData(one, byteCount: 10, endStream: false)
        #expect(peer.connection.reserveData(one, upTo: 1) == 0)
        peer.feed(Frames.windowUpdate(1, 4))
        #expect(peer.takeLines() == ["writable 1"])
        #expect(peer.connection.reserveData(one, upTo: 100) == 4)
    }

    @Test("6.9.1 no more than the connection's window; all that waited are told, in order")
    func connectionWindow() {
        var peer = server([1, 3], settings: [(4, 1 << 20)])
        #expect(peer.connection.reserveData(three, upTo: 1 << 20) == 65_535)
        peer.connection.didSendData(three, byteCount: 65_535, endStream: false)
        #expect(peer.connection.reserveData(three, upTo: 1) == 0)
        #expect(peer.connection.reserveData(one, upTo: 1) == 0)
        #expect(peer.connection.reserveData(three, upTo: 1) == 0)
        peer.feed(Frames.windowUpdate(0, 100))
        #expect(peer.takeLines() == ["writable 3", "writable 1"])
        peer.feed(Frames.windowUpdate(0, 100))
        #expect(peer.takeLines() == [])
    }

    @Test("a greedy stream gets its share, then what is left")
    func fairness() {
        var peer = server([1, 3], settings: [(4, 1 << 24)])
        peer.connection.didSendData(one, byteCount: 65_535, endStream: false)
        #expect(peer.connection.reserveData(one, upTo: 1 << 20) == 0)
        #expect(peer.connection.reserveData(three, upTo: 1 << 20) == 0)
        peer.feed(Frames.windowUpdate(0, 100_000))
        #expect(peer.connection.reserveData(one, upTo: 1 << 20) == 50_000)
        peer.connection.didSendData(one, byteCount: 50_000, endStream: false)
        #expect(peer.connection.reserveData(three, upTo: 1 << 20) == 50_000)
        peer.connection.didSendData(three, byteCount: 1_000, endStream: false)
        #expect(peer.connection.reserveData(one, upTo: 1 << 20) == 49_000)
    }

    @Test("6.9.2 a lowered initial window makes windows negative")
    func negative() {
        var peer = server([1], settings: [(4, 100)])
        peer.connection.didSendData(one, byteCount: 80, endStream: false)
        peer.feed(Frames.settings([(4, 30)]))
        #expect(peer.connection.reserveData(one, upTo: 1) == 0)
        peer.feed(Frames.windowUpdate(1, 50))
        #expect(peer.takeLines() == ["settings -", "> SETTINGS ack"])
        #expect(peer.connection.reserveData(one, upTo: 1) == 0)
        peer.feed(Frames.windowUpdate(1, 1))
        #expect(peer.takeLines() == ["writable 1"])
        #expect(peer.connection.reserveData(one, upTo: 9) == 1)
    }

    @Test("6.9.2 a raised initial window wakes streams")
    func raised() {
        var peer = server([1], settings: [(4, 0)])
        #expect(peer.connection.reserveData(one, upTo: 1) == 0)
        peer.feed(Frames.settings([(4, 5)]))
        #expect(peer.takeLines() == ["writable 1", "settings -", "> SETTINGS ack"])
        #expect(peer.connection.reserveData(one, upTo: 9) == 5)
    }

    @Test("a stream that both windows block is told when both are open")
    func bothBlocked() {
        var peer = server([1, 3], settings: [(4, 65_535)])
        peer.connection.didSendData(one, byteCount: 65_535, endStream: false)
        #expect(peer.connection.reserveData(one, upTo: 1) == 0)
        peer.feed(Frames.windowUpdate(1, 10))
        #expect(peer.takeLines() == [])
        peer.feed(Frames.windowUpdate(0, 10))
        #expect(peer.takeLines() == ["writable 1"])
    }

    @Test("credit is batched to half a window, on both levels")
    func batched() {
        var configuration = HTTP2Configuration()
        configuration.initialStreamWindow = 100
        configuration.connectionWindow = 65_536
        var peer = server([1], configuration)
        peer.feed(Frames.data(1, bytes: [UInt8](repeating: 0, count: 100)))
        peer.connection.credit(one, byteCount: 49)
        #expect(peer.takeLines() == ["data 1 100"])
        peer.connection.credit(one, byteCount: 1)
        #expect(peer.takeLines() == ["> WINDOW_UPDATE 1 50"])
        peer.connection.credit(one, byteCount: 1_000_000)
        #expect(peer.takeLines() == ["> WINDOW_UPDATE 1 50"])
    }

    @Test("padding is credited by the connection itself")
    func padding() {
        var configuration = HTTP2Configuration()
        configuration.initialStreamWindow = 100
        var peer = server([1], configuration)
        peer.feed(Frames.data(1, "x", pad: 98))
        #expect(peer.takeLines() == ["data 1 1", "> WINDOW_UPDATE 1 99"])
    }

    @Test("a reset gives back what was not credited")
    func resetCredits() {
        var configuration = HTTP2Configuration()
        configuration.connectionWindow = 65_535
        var peer = server([1, 3, 5], configuration)
        for id: UInt32 in [1, 3] { peer.feed(Frames.data(id, bytes: [UInt8](repeating: 0, count: 20_000))) }
        _ = peer.takeLines()
        peer.connection.reset(one, .cancel)
        peer.feed(Frames.rst(3))
        #expect(
            peer.takeLines() == ["reset 3 CANCEL by peer", "> RST_STREAM 1 CANCEL", "> WINDOW_UPDATE 0 40000"])
        // The rest of a frame that was under way when its stream was reset counts once.
        let frame = Frames.data(5, bytes: [UInt8](repeating: 0, count: 40_000))
        peer.feed(Array(frame.prefix(1_000)))
        peer.connection.reset(HTTP2StreamID(5), .cancel)
        peer.feed(Array(frame.dropFirst(1_000)))
        #expect(
            peer.takeLines() == ["data 5 991", "> RST_STREAM 5 CANCEL", "> WINDOW_UPDATE 0 40000"])
    }

    @Test("bytes of an ended stream still count until they are credited")
    func lingering() {
        var configuration = HTTP2Configuration()
        configuration.connectionWindow = 65_535
        var peer = server([1], configuration)
        peer.feed(Frames.data(1, bytes: [UInt8](repeating: 0, count: 40_000), end: true))
        peer.connection.didSendData(one, byteCount: 0, endStream: true)
        #expect(peer.connection.openStreamCount == 0)
        #expect(peer.takeLines() == ["data 1 40000 end"])
        peer.connection.credit(one, byteCount: 40_000)
        #expect(peer.takeLines() == ["> WINDOW_UPDATE 0 40000"])
    }

    @Test("nothing is reserved before headers, after the end, or for strangers")
    func notReserved() {
        var peer = Peer.ready(.server)
        peer.feed(Frames.headers(1, Frames.post))
        #expect(peer.connection.reserveData(one, upTo: 1) == 0)
        #expect(peer.connection.reserveData(HTTP2StreamID(99), upTo: 1) == 0)
        peer.connection.sendHeaders(one, .response(status: 200), endStream: true)
        #expect(peer.connection.reserveData(one, upTo: 1) == 0)
        #expect(peer.connection.reserveData(one, upTo: -1) == 0)
    }
}
