import HTTPWire

/// RFC 9113 as a server meets it.
enum ServerCases {
    private static let calm = "failed ENHANCE_YOUR_CALM"
    private static let goAwayProtocol = ["failed PROTOCOL_ERROR", "> GOAWAY 0 PROTOCOL_ERROR"]
    private static let goAwaySize = ["failed FRAME_SIZE_ERROR", "> GOAWAY 0 FRAME_SIZE_ERROR"]

    private static func bad(_ fields: [(String, String)]) -> [[UInt8]] { [Frames.headers(1, fields, end: true)] }
    private static let refused = ["> RST_STREAM 1 PROTOCOL_ERROR"]
    private static func with(_ name: String, _ value: String) -> [(String, String)] { Frames.get + [(name, value)] }
    private static func replacing(_ name: String, _ value: String?) -> [(String, String)] {
        Frames.get.compactMap { $0.0 == name ? value.map { (name, $0) } : $0 }
    }

    static let preface: [WireCase] = [
        WireCase(
            "3.4 preface and SETTINGS", ready: false, [Frames.preface, Frames.settings()],
            ["settings -", "> SETTINGS ack"]),
        WireCase("3.4 wrong preface", ready: false, [Array("GET / HTTP/1.1\r\n\r\n".utf8)], goAwayProtocol),
        WireCase(
            "3.4 preface wrong in its last byte", ready: false, [Array(Frames.preface.dropLast()) + [0x0d]],
            goAwayProtocol),
        WireCase("3.4 first frame is not SETTINGS", ready: false, [Frames.preface, Frames.ping()], goAwayProtocol),
        WireCase(
            "3.4 first frame is an acknowledgement", ready: false, [Frames.preface, Frames.settingsAck], goAwayProtocol),
        WireCase(
            "3.4 request right after SETTINGS", ready: false,
            [Frames.preface, Frames.settings(), Frames.headers(1, Frames.get, end: true)],
            ["settings -", "headers 1 GET end", "> SETTINGS ack"]),
    ]

    static let framing: [WireCase] = [
        WireCase(
            "4.1 unknown frame type is ignored", [Frames.frame(0xfa, flags: 0xff, 0, [1, 2, 3]), Frames.ping()],
            ["> PING ack"]),
        WireCase("4.1 unknown frame type on a stream", [Frames.frame(0x55, 9, []), Frames.ping()], ["> PING ack"]),
        WireCase(
            "4.1 reserved bit of the stream id is ignored", [Frames.headers(0x8000_0001, Frames.get, end: true)],
            ["headers 1 GET end"]),
        WireCase(
            "4.1 undefined flags are ignored", [Frames.frame(6, flags: 0xfe, 0, [0, 0, 0, 0, 0, 0, 0, 1])],
            ["> PING ack"]),
        WireCase("4.2 frame above SETTINGS_MAX_FRAME_SIZE", [[0x00, 0x40, 0x01, 0, 0, 0, 0, 0, 1]], goAwaySize) {
            $0.maxFrameSize = 16_384
        },
        WireCase(
            "4.2 frame of exactly SETTINGS_MAX_FRAME_SIZE",
            [Frames.headers(1, Frames.post), Frames.data(1, bytes: [UInt8](repeating: 1, count: 16_384))],
            ["headers 1 POST", "data 1 16384"]
        ) { $0.maxFrameSize = 16_384 },
        WireCase(
            "4.3 broken header block", [Frames.headers(1, block: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff], end: true)],
            ["failed COMPRESSION_ERROR", "> GOAWAY 0 COMPRESSION_ERROR"]),
        WireCase(
            "4.3 header block in three frames",
            [
                Frames.headers(1, block: Array(Frames.block(Frames.get).prefix(5)), end: true, endHeaders: false),
                Frames.continuation(1, Array(Frames.block(Frames.get).dropFirst(5).prefix(9)), end: false),
                Frames.continuation(1, Array(Frames.block(Frames.get).dropFirst(14)), end: true),
            ], ["headers 1 GET end"]),
        WireCase(
            "4.3 empty HEADERS then CONTINUATION",
            [
                Frames.headers(1, block: [], end: true, endHeaders: false),
                Frames.continuation(1, Frames.block(Frames.get), end: true),
            ], ["headers 1 GET end"]),
        WireCase("4.3 header block of no bytes", [Frames.headers(1, block: [], end: true)], refused),
        WireCase(
            "4.3 decoding goes on for a refused stream",
            [
                Frames.headers(1, block: [0x40] + Frames.string("x-a") + Frames.string("b"), end: true),
                Frames.headers(3, block: Frames.block(Frames.get) + [0xbe], end: true),
            ],
            ["headers 3 GET end", "> RST_STREAM 1 PROTOCOL_ERROR"]),
    ]

    static let states: [WireCase] = [
        WireCase("5.1 idle: DATA", [Frames.data(1, "x")], goAwayProtocol),
        WireCase("5.1 idle: RST_STREAM", [Frames.rst(1)], goAwayProtocol),
        WireCase("5.1 idle: WINDOW_UPDATE", [Frames.windowUpdate(1, 1)], goAwayProtocol),
        WireCase("5.1 idle: CONTINUATION", [Frames.continuation(1, [], end: true)], goAwayProtocol),
        WireCase("5.1 idle: PRIORITY", [Frames.frame(2, 1, [0, 0, 0, 0, 1]), Frames.ping()], ["> PING ack"]),
        WireCase(
            "5.1 open: DATA", [Frames.headers(1, Frames.post), Frames.data(1, "hello")], ["headers 1 POST", "data 1 5"]),
        WireCase(
            "5.1 half-closed remote: DATA", [Frames.headers(1, Frames.get, end: true), Frames.data(1, "x")],
            ["headers 1 GET end", "reset 1 STREAM_CLOSED", "> RST_STREAM 1 STREAM_CLOSED"]),
        WireCase(
            "5.1 half-closed remote: HEADERS",
            [Frames.headers(1, Frames.get, end: true), Frames.headers(1, [("a", "b")], end: true)],
            ["headers 1 GET end", "reset 1 STREAM_CLOSED", "> RST_STREAM 1 STREAM_CLOSED"]),
        WireCase(
            "5.1 half-closed remote: WINDOW_UPDATE, PRIORITY, RST_STREAM",
            [
                Frames.headers(1, Frames.get, end: true), Frames.windowUpdate(1, 5),
                Frames.frame(2, 1, [0, 0, 0, 0, 1]), Frames.rst(1),
            ],
            ["headers 1 GET end", "reset 1 CANCEL by peer"]),
        WireCase(
            "5.1 closed by peer's reset: DATA", [Frames.headers(1, Frames.post), Frames.rst(1), Frames.data(1, "x")],
            ["headers 1 POST", "reset 1 CANCEL by peer", "> RST_STREAM 1 STREAM_CLOSED"]),
        WireCase(
            "5.1 closed by peer's reset: HEADERS",
            [Frames.headers(1, Frames.post), Frames.rst(1), Frames.headers(1, [("a", "b")], end: true)],
            ["headers 1 POST", "reset 1 CANCEL by peer", "failed STREAM_CLOSED", "> GOAWAY 1 STREAM_CLOSED"]),
        WireCase(
            "5.1 closed: RST_STREAM and WINDOW_UPDATE are ignored",
            [Frames.headers(1, Frames.post), Frames.rst(1), Frames.rst(1), Frames.windowUpdate(1, 1)],
            ["headers 1 POST", "reset 1 CANCEL by peer"]),
        WireCase(
            "5.1 reset by us: late DATA and trailers are ignored",
            [
                Frames.headers(1, [(":method", "GET")]), Frames.data(1, "x"),
                Frames.headers(1, [("a", "b")], end: true), Frames.ping(),
            ],
            ["> RST_STREAM 1 PROTOCOL_ERROR", "> PING ack"]),
        WireCase("5.1.1 even stream from a client", [Frames.headers(2, Frames.get, end: true)], goAwayProtocol),
        WireCase("5.1.1 stream 0", [Frames.headers(0, Frames.get, end: true)], goAwayProtocol),
        WireCase(
            "5.1.1 lower number than before",
            [Frames.headers(5, Frames.get, end: true), Frames.headers(3, Frames.get, end: true)],
            ["headers 5 GET end", "failed STREAM_CLOSED", "> GOAWAY 5 STREAM_CLOSED"]),
        WireCase(
            "5.1.1 numbers may be skipped",
            [Frames.headers(7, Frames.get, end: true), Frames.headers(0x7fff_ffff, Frames.get, end: true)],
            ["headers 7 GET end", "headers 2147483647 GET end"]),
        WireCase(
            "5.1.2 one stream too many", [Frames.headers(1, Frames.post), Frames.headers(3, Frames.post)],
            ["headers 1 POST", "> RST_STREAM 3 REFUSED_STREAM"]
        ) { $0.maxConcurrentStreams = 1 },
        WireCase(
            "5.1.2 a reset frees the place",
            [Frames.headers(1, Frames.post), Frames.rst(1), Frames.headers(3, Frames.post)],
            ["headers 1 POST", "reset 1 CANCEL by peer", "headers 3 POST"]
        ) { $0.maxConcurrentStreams = 1 },
        WireCase("5.1.2 no streams at all", [Frames.headers(1, Frames.post)], ["> RST_STREAM 1 REFUSED_STREAM"]) {
            $0.maxConcurrentStreams = 0
        },
        WireCase(
            "5.3.2 HEADERS with priority fields, depending on itself",
            [Frames.headers(1, Frames.get, end: true, priority: [0x80, 0, 0, 1, 255])], ["headers 1 GET end"]),
        WireCase(
            "5.4.1 nothing is read after a connection error",
            [Frames.data(0, "x"), Frames.ping(), Frames.headers(1, Frames.get)], goAwayProtocol),
        WireCase(
            "5.5 extension settings and frames", [Frames.settings([(0xffff, 7)]), Frames.frame(0x77, 0, [1])],
            ["settings -", "> SETTINGS ack"]),
    ]

    static let frames: [WireCase] = [
        WireCase("6.1 DATA on stream 0", [Frames.data(0, "x")], goAwayProtocol),
        WireCase(
            "6.1 padded DATA", [Frames.headers(1, Frames.post), Frames.data(1, "hello", end: true, pad: 9)],
            ["headers 1 POST", "data 1 5 end"]),
        WireCase(
            "6.1 DATA of padding only", [Frames.headers(1, Frames.post), Frames.data(1, "", end: true, pad: 255)],
            ["headers 1 POST", "data 1 0 end"]),
        WireCase(
            "6.1 DATA with pad length 0", [Frames.headers(1, Frames.post), Frames.data(1, "abc", pad: 0)],
            ["headers 1 POST", "data 1 3"]),
        WireCase(
            "6.1 padding as long as the payload",
            [Frames.headers(1, Frames.post), Frames.frame(0, flags: 8, 1, [5, 1, 2, 3, 4])],
            ["headers 1 POST", "failed PROTOCOL_ERROR", "> GOAWAY 1 PROTOCOL_ERROR"]),
        WireCase(
            "6.1 padded DATA without a length", [Frames.headers(1, Frames.post), Frames.frame(0, flags: 8, 1, [])],
            ["headers 1 POST", "failed FRAME_SIZE_ERROR", "> GOAWAY 1 FRAME_SIZE_ERROR"]),
        WireCase(
            "6.1 empty DATA ends the stream", [Frames.headers(1, Frames.post), Frames.data(1, "", end: true)],
            ["headers 1 POST", "data 1 0 end"]),
        WireCase(
            "6.1 empty DATA in between",
            [Frames.headers(1, Frames.post), Frames.data(1, ""), Frames.data(1, "a", end: true)],
            ["headers 1 POST", "data 1 1 end"]),
        WireCase("6.2 padded HEADERS", [Frames.headers(1, Frames.get, end: true, pad: 7)], ["headers 1 GET end"]),
        WireCase(
            "6.2 padded HEADERS with priority",
            [Frames.headers(1, Frames.get, end: true, pad: 7, priority: [0, 0, 0, 3, 16])], ["headers 1 GET end"]),
        WireCase("6.2 more padding than payload", [Frames.frame(1, flags: 0xd, 1, [9, 1, 2])], goAwayProtocol),
        WireCase("6.2 padded HEADERS without a length", [Frames.frame(1, flags: 0xd, 1, [])], goAwaySize),
        WireCase("6.2 too short for its priority fields", [Frames.frame(1, flags: 0x25, 1, [0, 0, 0, 0])], goAwaySize),
        WireCase("6.3 PRIORITY on stream 0", [Frames.frame(2, 0, [0, 0, 0, 0, 1])], goAwayProtocol),
        WireCase(
            "6.3 PRIORITY of 4 bytes on an open stream",
            [Frames.headers(1, Frames.post), Frames.frame(2, 1, [0, 0, 0, 0])],
            ["headers 1 POST", "reset 1 FRAME_SIZE_ERROR", "> RST_STREAM 1 FRAME_SIZE_ERROR"]),
        WireCase("6.3 PRIORITY of 6 bytes on an idle stream", [Frames.frame(2, 1, [0, 0, 0, 0, 0, 0])], goAwaySize),
        WireCase("6.4 RST_STREAM on stream 0", [Frames.rst(0)], goAwayProtocol),
        WireCase(
            "6.4 RST_STREAM of 3 bytes", [Frames.headers(1, Frames.post), Frames.frame(3, 1, [0, 0, 0])],
            ["headers 1 POST", "failed FRAME_SIZE_ERROR", "> GOAWAY 1 FRAME_SIZE_ERROR"]),
        WireCase(
            "6.4 RST_STREAM with an unknown code", [Frames.headers(1, Frames.post), Frames.rst(1, 0x99)],
            ["headers 1 POST", "reset 1 0x99 by peer"]),
        WireCase("6.5 SETTINGS on a stream", [Frames.frame(4, 1, [])], goAwayProtocol),
        WireCase("6.5 SETTINGS of 5 bytes", [Frames.frame(4, 0, [0, 1, 0, 0, 0])], goAwaySize),
        WireCase("6.5 acknowledgement with a payload", [Frames.frame(4, flags: 1, 0, [0, 1, 0, 0, 0, 0])], goAwaySize),
        WireCase("6.5 empty SETTINGS", [Frames.settings()], ["settings -", "> SETTINGS ack"]),
        WireCase("6.5.2 MAX_CONCURRENT_STREAMS", [Frames.settings([(3, 7)])], ["settings 7", "> SETTINGS ack"]),
        WireCase(
            "6.5.2 the last of two values holds", [Frames.settings([(3, 7), (3, 9)])], ["settings 9", "> SETTINGS ack"]),
        WireCase("6.5.2 ENABLE_PUSH 1 from a client", [Frames.settings([(2, 1)])], ["settings -", "> SETTINGS ack"]),
        WireCase("6.5.2 ENABLE_PUSH 2", [Frames.settings([(2, 2)])], goAwayProtocol),
        WireCase(
            "6.5.2 INITIAL_WINDOW_SIZE 2^31", [Frames.settings([(4, 0x8000_0000)])],
            ["failed FLOW_CONTROL_ERROR", "> GOAWAY 0 FLOW_CONTROL_ERROR"]),
        WireCase("6.5.2 MAX_FRAME_SIZE 16383", [Frames.settings([(5, 16_383)])], goAwayProtocol),
        WireCase("6.5.2 MAX_FRAME_SIZE 2^24", [Frames.settings([(5, 1 << 24)])], goAwayProtocol),
        WireCase(
            "6.5.2 MAX_FRAME_SIZE 2^24-1", [Frames.settings([(5, 1 << 24 - 1)])], ["settings -", "> SETTINGS ack"]),
        WireCase(
            "6.6 PUSH_PROMISE from a client",
            [Frames.headers(1, Frames.post), Frames.frame(5, flags: 4, 1, [0, 0, 0, 2])],
            ["headers 1 POST", "failed PROTOCOL_ERROR", "> GOAWAY 1 PROTOCOL_ERROR"]),
        WireCase("6.7 PING", [Frames.ping()], ["> PING ack"]),
        WireCase("6.7 PING acknowledgement nobody asked for", [Frames.ping(0, ack: true)], ["pong 0"]),
        WireCase("6.7 PING on a stream", [Frames.frame(6, 1, [UInt8](repeating: 0, count: 8))], goAwayProtocol),
        WireCase("6.7 PING of 7 bytes", [Frames.frame(6, 0, [UInt8](repeating: 0, count: 7))], goAwaySize),
        WireCase("6.8 GOAWAY", [Frames.goAway(0)], ["goaway 0 NO_ERROR"]),
        WireCase(
            "6.8 GOAWAY with debug data", [Frames.goAway(0, 2, debug: "out of cheese"), Frames.ping()],
            ["goaway 0 INTERNAL_ERROR", "> PING ack"]),
        WireCase(
            "6.8 GOAWAY lowers its last stream", [Frames.goAway(5), Frames.goAway(3)],
            ["goaway 5 NO_ERROR", "goaway 3 NO_ERROR"]),
        WireCase(
            "6.8 GOAWAY raises its last stream", [Frames.goAway(3), Frames.goAway(5)],
            ["goaway 3 NO_ERROR", "failed PROTOCOL_ERROR", "> GOAWAY 0 PROTOCOL_ERROR"]),
        WireCase("6.8 GOAWAY on a stream", [Frames.frame(7, 1, [UInt8](repeating: 0, count: 8))], goAwayProtocol),
        WireCase("6.8 GOAWAY of 7 bytes", [Frames.frame(7, 0, [UInt8](repeating: 0, count: 7))], goAwaySize),
        WireCase("6.9 WINDOW_UPDATE by 0 on the connection", [Frames.windowUpdate(0, 0)], goAwayProtocol),
        WireCase(
            "6.9 WINDOW_UPDATE by 0 on a stream", [Frames.headers(1, Frames.post), Frames.windowUpdate(1, 0)],
            ["headers 1 POST", "reset 1 PROTOCOL_ERROR", "> RST_STREAM 1 PROTOCOL_ERROR"]),
        WireCase("6.9 WINDOW_UPDATE of 3 bytes", [Frames.frame(8, 0, [0, 0, 1])], goAwaySize),
        WireCase(
            "6.9 reserved bit of the increment is ignored", [Frames.windowUpdate(0, 0x8000_0001), Frames.ping()],
            ["> PING ack"]),
        WireCase(
            "6.9.1 connection window past 2^31-1", [Frames.windowUpdate(0, 0x7fff_ffff)],
            ["failed FLOW_CONTROL_ERROR", "> GOAWAY 0 FLOW_CONTROL_ERROR"]),
        WireCase(
            "6.9.1 stream window past 2^31-1", [Frames.headers(1, Frames.post), Frames.windowUpdate(1, 0x7fff_ffff)],
            ["headers 1 POST", "reset 1 FLOW_CONTROL_ERROR", "> RST_STREAM 1 FLOW_CONTROL_ERROR"]),
        WireCase(
            "6.9.1 DATA beyond the stream's window", [Frames.headers(1, Frames.post), Frames.data(1, "0123456789a")],
            ["headers 1 POST", "reset 1 FLOW_CONTROL_ERROR", "> RST_STREAM 1 FLOW_CONTROL_ERROR"]
        ) { $0.initialStreamWindow = 10 },
        WireCase(
            "6.9.1 padding counts against the window",
            [Frames.headers(1, Frames.post), Frames.data(1, "01234", pad: 5)],
            ["headers 1 POST", "reset 1 FLOW_CONTROL_ERROR", "> RST_STREAM 1 FLOW_CONTROL_ERROR"]
        ) { $0.initialStreamWindow = 10 },
        WireCase(
            "6.9.1 DATA beyond the connection's window",
            [Frames.headers(1, Frames.post), Frames.data(1, bytes: [UInt8](repeating: 0, count: 65_536))],
            ["headers 1 POST", "failed FLOW_CONTROL_ERROR", "> GOAWAY 1 FLOW_CONTROL_ERROR"]
        ) { $0.connectionWindow = 65_535 },
        WireCase(
            "6.9.2 own lower window holds only after the acknowledgement", ready: false,
            [
                Frames.preface, Frames.settings(), Frames.headers(1, Frames.post), Frames.data(1, "0123456789a"),
                Frames.settingsAck, Frames.data(1, "b"),
            ],
            [
                "settings -", "headers 1 POST", "data 1 11", "reset 1 FLOW_CONTROL_ERROR", "> SETTINGS ack",
                "> RST_STREAM 1 FLOW_CONTROL_ERROR",
            ]
        ) { $0.initialStreamWindow = 10 },
        WireCase(
            "6.9.2 initial window change takes a window past 2^31-1",
            [Frames.headers(1, Frames.post), Frames.windowUpdate(1, 0x7fff_0000), Frames.settings([(4, 0x7fff_ffff)])],
            ["headers 1 POST", "failed FLOW_CONTROL_ERROR", "> GOAWAY 1 FLOW_CONTROL_ERROR"]),
        WireCase(
            "6.10 CONTINUATION out of the blue",
            [Frames.headers(1, Frames.post), Frames.continuation(1, [], end: true)],
            ["headers 1 POST", "failed PROTOCOL_ERROR", "> GOAWAY 1 PROTOCOL_ERROR"]),
        WireCase(
            "6.10 DATA inside a header block", [Frames.headers(1, Frames.get, endHeaders: false), Frames.data(1, "x")],
            goAwayProtocol),
        WireCase(
            "6.10 PING inside a header block", [Frames.headers(1, Frames.get, endHeaders: false), Frames.ping()],
            goAwayProtocol),
        WireCase(
            "6.10 unknown frame inside a header block",
            [Frames.headers(1, Frames.get, endHeaders: false), Frames.frame(0x60, 1, [])], goAwayProtocol),
        WireCase(
            "6.10 CONTINUATION on another stream",
            [Frames.headers(1, Frames.get, endHeaders: false), Frames.continuation(3, [], end: true)], goAwayProtocol),
        WireCase(
            "6.10 CONTINUATION on stream 0",
            [Frames.headers(1, Frames.get, endHeaders: false), Frames.continuation(0, [], end: true)], goAwayProtocol),
        WireCase(
            "RFC 9218 7.1 PRIORITY_UPDATE is ignored",
            [Frames.frame(0x10, 0, [0, 0, 0, 9] + Array("u=1".utf8)), Frames.ping()], ["> PING ack"]),
        WireCase("RFC 9218 7.1 PRIORITY_UPDATE on a stream", [Frames.frame(0x10, 1, [0, 0, 0, 9])], goAwayProtocol),
        WireCase("RFC 9218 7.1 PRIORITY_UPDATE for stream 0", [Frames.frame(0x10, 0, [0, 0, 0, 0])], goAwayProtocol),
        WireCase("RFC 9218 7.1 PRIORITY_UPDATE of 3 bytes", [Frames.frame(0x10, 0, [0, 0, 9])], goAwaySize),
        WireCase("RFC 9218 2.1 NO_RFC7540_PRIORITIES 2", [Frames.settings([(9, 2)])], goAwayProtocol),
    ]

    static let messages: [WireCase] = [
        WireCase(
            "8.1 trailers",
            [Frames.headers(1, Frames.post), Frames.data(1, "abc"), Frames.headers(1, [("x-sum", "1")], end: true)],
            ["headers 1 POST", "data 1 3", "trailers 1 x-sum=1"]),
        WireCase(
            "8.1 trailers right after the headers",
            [Frames.headers(1, Frames.post), Frames.headers(1, [("x-sum", "1")], end: true)],
            ["headers 1 POST", "trailers 1 x-sum=1"]),
        WireCase(
            "8.1 second header list that does not end",
            [Frames.headers(1, Frames.post), Frames.headers(1, [("x-sum", "1")])],
            ["headers 1 POST", "reset 1 PROTOCOL_ERROR", "> RST_STREAM 1 PROTOCOL_ERROR"]),
        WireCase(
            "8.1 pseudo-header field in trailers",
            [Frames.headers(1, Frames.post), Frames.headers(1, [(":path", "/")], end: true)],
            ["headers 1 POST", "reset 1 PROTOCOL_ERROR", "> RST_STREAM 1 PROTOCOL_ERROR"]),
        WireCase(
            "8.1.1 content-length met",
            [
                Frames.headers(1, Frames.post + [("content-length", "5")]), Frames.data(1, "ab"),
                Frames.data(1, "cde", end: true),
            ], ["headers 1 POST", "data 1 5 end"]),
        WireCase(
            "8.1.1 more DATA than content-length",
            [Frames.headers(1, Frames.post + [("content-length", "2")]), Frames.data(1, "abc")],
            ["headers 1 POST", "reset 1 PROTOCOL_ERROR", "> RST_STREAM 1 PROTOCOL_ERROR"]),
        WireCase(
            "8.1.1 less DATA than content-length",
            [Frames.headers(1, Frames.post + [("content-length", "4")]), Frames.data(1, "abc", end: true)],
            ["headers 1 POST", "reset 1 PROTOCOL_ERROR", "> RST_STREAM 1 PROTOCOL_ERROR"]),
        WireCase(
            "8.1.1 padding is not content",
            [Frames.headers(1, Frames.post + [("content-length", "3")]), Frames.data(1, "abc", end: true, pad: 4)],
            ["headers 1 POST", "data 1 3 end"]),
        WireCase(
            "8.1.1 trailers before content-length is met",
            [Frames.headers(1, Frames.post + [("content-length", "3")]), Frames.headers(1, [("a", "b")], end: true)],
            ["headers 1 POST", "reset 1 PROTOCOL_ERROR", "> RST_STREAM 1 PROTOCOL_ERROR"]),
        WireCase("8.1.1 content-length without content", bad(with("content-length", "1")), refused),
        WireCase("8.1.1 content-length 0 and no content", bad(with("content-length", "0")), ["headers 1 GET end"]),
        WireCase("8.1.1 two content-lengths", bad(with("content-length", "0") + [("content-length", "0")]), refused),
        WireCase("8.1.1 content-length +1", bad(with("content-length", "+1")), refused),
        WireCase("8.1.1 content-length list", bad(with("content-length", "1, 1")), refused),
        WireCase("8.1.1 content-length of 19 digits", bad(with("content-length", "1000000000000000000")), refused),
        WireCase("8.2 upper case in a field name", bad(with("X-a", "b")), refused),
        WireCase("8.2.1 empty field name", bad(with("", "b")), refused),
        WireCase("8.2.1 space in a field name", bad(with("a b", "c")), refused),
        WireCase("8.2.1 colon in a field name", bad(with("a:b", "c")), refused),
        WireCase("8.2.1 control character in a field name", bad(with("a\u{1}", "c")), refused),
        WireCase("8.2.1 byte above 0x7f in a field name", bad(with("é", "c")), refused),
        WireCase("8.2.1 NUL in a field value", bad(with("a", "b\0c")), refused),
        WireCase("8.2.1 LF in a field value", bad(with("a", "b\nc")), refused),
        WireCase("8.2.1 CR in a field value", bad(with("a", "b\rc")), refused),
        WireCase("8.2.1 another control character in a field value", bad(with("a", "b\u{b}c")), refused),
        WireCase("8.2.1 DEL in a field value", bad(with("a", "b\u{7f}")), refused),
        WireCase("8.2.1 tab inside a field value", bad(with("a", "b\tc")), ["headers 1 GET end"]),
        WireCase("8.2.1 LF in a pseudo-header field", bad(replacing(":path", "/\n")), refused),
        WireCase("8.2.1 space before a field value", bad(with("a", " b")), refused),
        WireCase("8.2.1 tab after a field value", bad(with("a", "b\t")), refused),
        WireCase("8.2.1 empty field value", bad(with("a", "")), ["headers 1 GET end"]),
        WireCase("8.2.1 bytes above 0x7f in a field value", bad(with("a", "é")), ["headers 1 GET end"]),
        WireCase("8.2.2 connection", bad(with("connection", "close")), refused),
        WireCase("8.2.2 keep-alive", bad(with("keep-alive", "1")), refused),
        WireCase("8.2.2 proxy-connection", bad(with("proxy-connection", "close")), refused),
        WireCase("8.2.2 transfer-encoding", bad(with("transfer-encoding", "chunked")), refused),
        WireCase("8.2.2 upgrade", bad(with("upgrade", "h2c")), refused),
        WireCase("8.2.2 te: gzip", bad(with("te", "gzip")), refused),
        WireCase("8.2.2 te: trailers", bad(with("te", "trailers")), ["headers 1 GET end"]),
        WireCase(
            "8.2.2 connection in trailers",
            [Frames.headers(1, Frames.post), Frames.headers(1, [("connection", "x")], end: true)],
            ["headers 1 POST", "reset 1 PROTOCOL_ERROR", "> RST_STREAM 1 PROTOCOL_ERROR"]),
        WireCase("8.2.3 cookie in pieces", bad(with("cookie", "a=b") + [("cookie", "c=d")]), ["headers 1 GET end"]),
        WireCase("8.3 unknown pseudo-header field", bad(Frames.get + [(":foo", "x")]), refused),
        WireCase("8.3 response pseudo-header field in a request", bad(Frames.get + [(":status", "200")]), refused),
        WireCase("8.3 pseudo-header field after a field", bad([("a", "b")] + Frames.get), refused),
        WireCase("8.3 :method twice", bad(Frames.get + [(":method", "GET")]), refused),
        WireCase("8.3 :authority twice", bad(Frames.get + [(":authority", "a.example")]), refused),
        WireCase("8.3.1 no :method", bad(replacing(":method", nil)), refused),
        WireCase("8.3.1 no :scheme", bad(replacing(":scheme", nil)), refused),
        WireCase("8.3.1 another :scheme", bad(replacing(":scheme", "ftp")), refused),
        WireCase("8.3.1 an address in :scheme", bad(replacing(":scheme", "http://a/b?")), refused),
        WireCase("8.3.1 no :path", bad(replacing(":path", nil)), refused),
        WireCase("8.3.1 no :authority", bad(replacing(":authority", nil)), ["headers 1 GET end"]),
        WireCase("8.3.1 empty :path", bad(replacing(":path", "")), refused),
        WireCase("8.3.1 relative :path", bad(replacing(":path", "a")), refused),
        WireCase("8.3.1 space in :path", bad(replacing(":path", "/ HTTP/1.1")), refused),
        WireCase("8.3.1 fragment in :path", bad(replacing(":path", "/a#b")), refused),
        WireCase("8.3.1 byte beyond ASCII in :path", bad(replacing(":path", "/é")), refused),
        WireCase("8.3.1 a path in :authority", bad(replacing(":authority", "a/b")), refused),
        WireCase("8.3.1 a port that is none in :authority", bad(replacing(":authority", "a:b")), refused),
        WireCase("8.3.1 malformed host alone", bad(replacing(":authority", nil) + [("host", "u@a")]), refused),
        WireCase("8.3.1 :path * with GET", bad(replacing(":path", "*")), refused),
        WireCase(
            "8.3.1 :path * with OPTIONS", bad([(":method", "OPTIONS"), (":scheme", "https"), (":path", "*")]),
            ["headers 1 OPTIONS end"]),
        WireCase("8.3.1 empty :authority", bad(replacing(":authority", "")), refused),
        WireCase("8.3.1 user information in :authority", bad(replacing(":authority", "u@a.example")), refused),
        WireCase("8.3.1 host differs from :authority", bad(with("host", "b.example")), refused),
        WireCase(
            "8.3.1 host in the place of :authority", bad(replacing(":authority", nil) + [("host", "a")]),
            ["headers 1 GET end"]),
        WireCase("8.3.1 host equals :authority but for case", bad(with("host", "A.example")), ["headers 1 GET end"]),
        WireCase("8.3.1 :method is not a token", bad(replacing(":method", "GE T")), refused),
        WireCase(
            "8.5 CONNECT", [Frames.headers(1, Frames.connect), Frames.data(1, "hi")], ["headers 1 CONNECT", "data 1 2"]),
        WireCase("8.5 CONNECT with :path", bad(Frames.connect + [(":path", "/")]), refused),
        WireCase("8.5 CONNECT with :scheme", bad(Frames.connect + [(":scheme", "https")]), refused),
        WireCase("8.5 CONNECT without :authority", bad([(":method", "CONNECT")]), refused),
        WireCase("8.5 CONNECT with empty :authority", bad([(":method", "CONNECT"), (":authority", "")]), refused),
        WireCase(
            "8.5 CONNECT ignores content-length",
            [Frames.headers(1, Frames.connect + [("content-length", "1")]), Frames.data(1, "hi")],
            ["headers 1 CONNECT", "data 1 2"]),
        WireCase(
            "8.5 HEADERS in a tunnel", [Frames.headers(1, Frames.connect), Frames.headers(1, [("a", "b")], end: true)],
            ["headers 1 CONNECT", "reset 1 PROTOCOL_ERROR", "> RST_STREAM 1 PROTOCOL_ERROR"]),
        WireCase(
            "RFC 8441 4 extended CONNECT",
            bad(Frames.connect + [(":protocol", "websocket"), (":scheme", "https"), (":path", "/")]),
            ["headers 1 CONNECT end"]
        ) { $0.enableConnectProtocol = true },
        WireCase(
            "RFC 8441 4 extended CONNECT not announced",
            bad(Frames.connect + [(":protocol", "websocket"), (":scheme", "https"), (":path", "/")]), refused),
        WireCase(
            "RFC 8441 4 extended CONNECT without :path",
            bad(Frames.connect + [(":protocol", "websocket"), (":scheme", "https")]), refused
        ) { $0.enableConnectProtocol = true },
        WireCase("RFC 8441 4 :protocol with GET", bad(Frames.get + [(":protocol", "websocket")]), refused) {
            $0.enableConnectProtocol = true
        },
        WireCase(
            "10.5.1 header list too large for its stream only",
            [
                Frames.headers(1, with("a", String(repeating: "x", count: 300)), end: true),
                Frames.headers(3, Frames.get, end: true),
            ], ["headers 3 GET end", "> RST_STREAM 1 ENHANCE_YOUR_CALM"]
        ) { $0.maxHeaderListSize = 400 },
    ]

    static let all = preface + framing + states + frames + messages
}
