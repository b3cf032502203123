import HTTPWire
import Testing

/// Each bound of `HTTP2Limits`, reached: one less is fine, one more is ENHANCE_YOUR_CALM with the bound's name.
@Suite struct LimitTests {
    struct Abuse: Sendable, CustomTestStringConvertible {
        var bound: String
        var role = HTTP2Role.server
        var before: [UInt8] = []
        var allowed: Int
        var repeated: @Sendable (Int) -> [UInt8]
        var configure: @Sendable (inout HTTP2Limits) -> Void
        var testDescription: String { bound }
    }

    static func streamID(_ index: Int) -> UInt32 { UInt32(index * 2 + 1) }

    static let abuses: [Abuse] = [
        Abuse(
            bound: "earlyResets", allowed: 3,
            repeated: { Frames.headers(streamID($0), Frames.get, end: true) + Frames.rst(streamID($0)) },
            configure: { $0.earlyResets = HTTP2Rate(3) }),
        Abuse(
            bound: "resets", before: Frames.headers(1, Frames.post), allowed: 3, repeated: { _ in Frames.rst(1) },
            configure: { $0.resets = HTTP2Rate(3) }),
        Abuse(
            bound: "resetsCaused", allowed: 3,
            repeated: { Frames.headers(streamID($0), [(":method", "GET")], end: true) },
            configure: { $0.resetsCaused = HTTP2Rate(3) }),
        Abuse(
            bound: "pings", allowed: 3, repeated: { _ in Frames.ping() }, configure: { $0.pings = HTTP2Rate(3) }),
        Abuse(
            bound: "settings", allowed: 1, repeated: { _ in Frames.settings() },
            configure: { $0.settings = HTTP2Rate(3) }),
        Abuse(
            bound: "settingsParameters", allowed: 2,
            repeated: { Frames.settings([(UInt16, UInt32)](repeating: (0xff, 0), count: $0 + 1)) },
            configure: { $0.settingsParameters = 2 }),
        Abuse(
            bound: "emptyDataFrames", before: Frames.headers(1, Frames.post), allowed: 3,
            repeated: { _ in Frames.data(1, "") }, configure: { $0.emptyDataFrames = HTTP2Rate(3) }),
        Abuse(
            bound: "emptyDataFrames", before: Frames.headers(1, Frames.post), allowed: 3,
            repeated: { _ in Frames.data(1, "", pad: 3) }, configure: { $0.emptyDataFrames = HTTP2Rate(3) }),
        Abuse(
            bound: "priorityFrames", allowed: 3, repeated: { _ in Frames.frame(2, 9, [0, 0, 0, 1, 1]) },
            configure: { $0.priorityFrames = HTTP2Rate(3) }),
        Abuse(
            bound: "priorityFrames", allowed: 3, repeated: { _ in Frames.frame(0x10, 0, [0, 0, 0, 1]) },
            configure: { $0.priorityFrames = HTTP2Rate(3) }),
        Abuse(
            bound: "windowUpdates", allowed: 3, repeated: { _ in Frames.windowUpdate(0, 1) },
            configure: { $0.windowUpdates = HTTP2Rate(3) }),
        Abuse(
            bound: "unknownFrames", allowed: 3, repeated: { _ in Frames.frame(0xee, 0, [1]) },
            configure: { $0.unknownFrames = HTTP2Rate(3) }),
        Abuse(
            bound: "continuationFrames", before: Frames.headers(1, block: [], end: true, endHeaders: false), allowed: 3,
            repeated: { _ in Frames.continuation(1, [], end: false) }, configure: { $0.continuationFrames = 3 }),
        Abuse(
            bound: "headerBlockBytes", before: Frames.headers(1, block: [], end: true, endHeaders: false), allowed: 3,
            repeated: { _ in Frames.continuation(1, [UInt8](repeating: 0x82, count: 10), end: false) },
            configure: { $0.headerBlockBytes = 30 }),
        Abuse(
            bound: "pendingOutputBytes", allowed: 5, repeated: { _ in Frames.ping() },
            configure: { $0.pendingOutputBytes = 100 }),
    ]

    @Test("one more than allowed", arguments: abuses)
    func reached(_ abuse: Abuse) {
        var configuration = HTTP2Configuration()
        abuse.configure(&configuration.limits)
        var peer = Peer.ready(abuse.role, configuration)
        peer.feed(abuse.before)
        for index in 0..<abuse.allowed {
            peer.feed(abuse.repeated(index))
            #expect(peer.failureText == nil, "after \(index + 1)")
        }
        peer.feed(abuse.repeated(abuse.allowed))
        #expect(peer.failureText?.contains("(\(abuse.bound))") == true, "\(peer.failureText ?? "did not fail")")
        #expect(peer.connection.counters.boundsExceeded == 1)
        #expect(peer.takeLines().last?.hasSuffix("ENHANCE_YOUR_CALM") == true)
    }

    @Test(
        "6.5.3 SETTINGS that are not acknowledged in time end the connection", arguments: [HTTP2Role.client, .server])
    func settingsAcknowledgement(_ role: HTTP2Role) {
        var configuration = HTTP2Configuration()
        configuration.limits.settingsAcknowledgement = .seconds(4)
        var peer = Peer(role, configuration)
        // The time of a connect and a TLS handshake does not count.
        peer.time = peer.time + .seconds(9)
        peer.connection.transportOpened(now: peer.time)
        if role == .server { peer.feed(Frames.preface) }
        peer.feed(Frames.settings())
        #expect(peer.connection.nextDeadline == peer.time + .seconds(4))
        // Other frames are no acknowledgement.
        for _ in 0..<3 {
            peer.pass(.seconds(1))
            peer.feed(Frames.ping())
        }
        #expect(peer.failureText == nil)
        _ = peer.takeLines()
        peer.pass(.seconds(1))
        #expect(peer.takeLines() == ["failed SETTINGS_TIMEOUT", "> GOAWAY 0 SETTINGS_TIMEOUT"])
        #expect(peer.failureText?.contains("(settingsAcknowledgement)") == true)
        #expect(peer.connection.counters.boundsExceeded == 1)
        #expect(peer.connection.nextDeadline == nil)
    }

    @Test("6.5.3 an acknowledgement in time leaves only the keep-alive")
    func settingsAcknowledged() {
        #expect(HTTP2Limits().settingsAcknowledgement == .seconds(10))
        var configuration = HTTP2Configuration()
        configuration.keepAlivePing = nil
        var peer = Peer(.client, configuration)
        peer.feed(Frames.settings())
        peer.pass(.milliseconds(9_999))
        #expect(peer.connection.nextDeadline == peer.time + .milliseconds(1))
        peer.feed(Frames.settingsAck)
        #expect(peer.connection.nextDeadline == nil)
        peer.pass(.seconds(1_000))
        #expect(peer.failureText == nil)
    }

    @Test("rates are forgiven when the interval has passed")
    func interval() {
        var configuration = HTTP2Configuration()
        configuration.limits.pings = HTTP2Rate(3)
        var peer = Peer.ready(.server, configuration)
        for _ in 0..<5 {
            for _ in 0..<3 { peer.feed(Frames.ping()) }
            peer.time = peer.time + .seconds(10)
        }
        #expect(peer.failureText == nil)
    }

    @Test("a header block larger than the bound in one frame")
    func largeBlock() {
        var configuration = HTTP2Configuration()
        configuration.limits.headerBlockBytes = 100
        var peer = Peer.ready(.server, configuration)
        peer.feed(Frames.headers(1, block: [UInt8](repeating: 0x82, count: 101), end: true))
        #expect(peer.failureText?.contains("headerBlockBytes") == true)
    }

    @Test("sent data explains window updates")
    func explained() {
        var configuration = HTTP2Configuration()
        configuration.limits.windowUpdates = HTTP2Rate(3)
        var peer = Peer.ready(.server, configuration)
        peer.feed(Frames.headers(1, Frames.get, end: true))
        peer.connection.sendHeaders(HTTP2StreamID(1), .response(status: 200), endStream: false)
        for _ in 0..<100 {
            let count = peer.connection.reserveData(HTTP2StreamID(1), upTo: 100)
            #expect(count == 100)
            peer.connection.didSendData(HTTP2StreamID(1), byteCount: count, endStream: false)
            peer.feed(Frames.windowUpdate(0, 100) + Frames.windowUpdate(1, 100))
        }
        #expect(peer.failureText == nil)
    }

    @Test("only the last resets are remembered")
    func rememberedResets() {
        var configuration = HTTP2Configuration()
        configuration.limits.rememberedResets = 2
        var peer = Peer.ready(.server, configuration)
        for id: UInt32 in [1, 3, 5] { peer.feed(Frames.headers(id, Frames.post)) }
        for id: UInt32 in [1, 3, 5] { peer.connection.reset(HTTP2StreamID(id), .cancel) }
        _ = peer.takeLines()
        peer.feed(Frames.data(3, "x") + Frames.data(5, "x"))
        #expect(peer.takeLines() == [])
        peer.feed(Frames.data(1, "x"))
        #expect(peer.takeLines() == ["> RST_STREAM 1 STREAM_CLOSED"])
    }

    @Test("streams that ended but hold bytes are bounded too")
    func lingering() {
        var configuration = HTTP2Configuration()
        configuration.maxConcurrentStreams = 2
        var peer = Peer.ready(.server, configuration)
        for index in 0..<8 {
            let id = Self.streamID(index)
            peer.feed(Frames.headers(id, Frames.post) + Frames.data(id, "abc", end: true))
            peer.connection.sendHeaders(HTTP2StreamID(id), .response(status: 200), endStream: true)
        }
        #expect(peer.connection.openStreamCount == 0)
        _ = peer.takeLines()
        peer.feed(Frames.headers(17, Frames.get, end: true))
        #expect(peer.takeLines() == ["> RST_STREAM 17 REFUSED_STREAM"])
        peer.connection.credit(HTTP2StreamID(1), byteCount: 3)
        peer.feed(Frames.headers(19, Frames.get, end: true))
        #expect(peer.takeLines() == ["headers 19 GET end"])
    }
}
