import HTTPWire

/// RFC 9113 as a client meets it. Stream 1 is a GET that has been sent, 3 an open POST, 5 a CONNECT.
enum ClientCases {
    private static let goAwayProtocol = ["failed PROTOCOL_ERROR", "> GOAWAY 0 PROTOCOL_ERROR"]
    private static let reset = ["reset 1 PROTOCOL_ERROR", "> RST_STREAM 1 PROTOCOL_ERROR"]

    private static func response(_ fields: [(String, String)], end: Bool = true) -> [[UInt8]] {
        [Frames.headers(1, fields, end: end)]
    }

    static let all: [WireCase] = [
        WireCase(
            "3.4 server's first frame is not SETTINGS", role: .client, ready: false, [Frames.ping()], goAwayProtocol),
        WireCase(
            "3.4 server's SETTINGS", role: .client, ready: false, [Frames.settings([(3, 5)])],
            ["settings 5", "> SETTINGS ack"]),
        WireCase("5.1 HEADERS on an idle stream", role: .client, [Frames.headers(7, Frames.ok)], goAwayProtocol),
        WireCase("5.1 DATA on an idle stream", role: .client, [Frames.data(7, "x")], goAwayProtocol),
        WireCase("5.1 response on an even stream", role: .client, [Frames.headers(2, Frames.ok)], goAwayProtocol),
        WireCase(
            "5.1 DATA after the end", role: .client, [Frames.headers(1, Frames.ok, end: true), Frames.data(1, "x")],
            ["headers 1 200 end", "> RST_STREAM 1 STREAM_CLOSED"]),
        WireCase(
            "5.1 HEADERS after the end", role: .client,
            [Frames.headers(1, Frames.ok, end: true), Frames.headers(1, Frames.ok)],
            ["headers 1 200 end", "> RST_STREAM 1 STREAM_CLOSED"]),
        WireCase(
            "5.1 half-closed: DATA after END_STREAM", role: .client,
            [Frames.headers(3, Frames.ok, end: true), Frames.data(3, "x")],
            ["headers 3 200 end", "reset 3 STREAM_CLOSED", "> RST_STREAM 3 STREAM_CLOSED"]),
        WireCase("6.4 reset by the server", role: .client, [Frames.rst(1, 7)], ["reset 1 REFUSED_STREAM by peer"]),
        WireCase("6.5.2 ENABLE_PUSH 1 from a server", role: .client, [Frames.settings([(2, 1)])], goAwayProtocol),
        WireCase(
            "6.5.2 ENABLE_PUSH 0 from a server", role: .client, [Frames.settings([(2, 0)])],
            ["settings -", "> SETTINGS ack"]),
        WireCase(
            "6.6 PUSH_PROMISE though push is off", role: .client, [Frames.frame(5, flags: 4, 1, [0, 0, 0, 2])],
            goAwayProtocol),
        WireCase(
            "6.8 GOAWAY refuses later streams", role: .client, [Frames.goAway(1)],
            ["goaway 1 NO_ERROR", "reset 3 REFUSED_STREAM by peer", "reset 5 REFUSED_STREAM by peer"]),
        WireCase(
            "6.8 GOAWAY in two steps", role: .client, [Frames.goAway(0x7fff_ffff), Frames.goAway(3)],
            ["goaway 2147483647 NO_ERROR", "goaway 3 NO_ERROR", "reset 5 REFUSED_STREAM by peer"]),
        WireCase(
            "6.8 streams below go on after GOAWAY", role: .client,
            [Frames.goAway(1), Frames.headers(1, Frames.ok, end: true)],
            [
                "goaway 1 NO_ERROR", "reset 3 REFUSED_STREAM by peer", "reset 5 REFUSED_STREAM by peer",
                "headers 1 200 end",
            ]),
        WireCase(
            "8.1 response with content", role: .client,
            [Frames.headers(1, Frames.ok), Frames.data(1, "abc", end: true)], ["headers 1 200", "data 1 3 end"]),
        WireCase(
            "8.1 response with trailers", role: .client,
            [
                Frames.headers(1, Frames.ok), Frames.data(1, "abc"),
                Frames.headers(1, [("grpc-status", "0")], end: true),
            ], ["headers 1 200", "data 1 3", "trailers 1 grpc-status=0"]),
        WireCase(
            "8.1 interim response, then the final one", role: .client,
            [Frames.headers(1, [(":status", "103")]), Frames.headers(1, Frames.ok, end: true)],
            ["headers 1 103", "headers 1 200 end"]),
        WireCase("8.1 interim response that ends the stream", role: .client, response([(":status", "100")]), reset),
        WireCase("8.1 DATA before HEADERS", role: .client, [Frames.data(1, "x")], reset),
        WireCase(
            "8.1 second response", role: .client, [Frames.headers(1, Frames.ok), Frames.headers(1, Frames.ok)],
            ["headers 1 200"] + reset),
        WireCase(
            "8.1 early response, then reset without an error", role: .client,
            [Frames.headers(3, Frames.ok, end: true), Frames.rst(3, 0)],
            ["headers 3 200 end", "reset 3 NO_ERROR by peer"]),
        WireCase(
            "8.1.1 content-length missed", role: .client,
            [Frames.headers(1, Frames.ok + [("content-length", "4")]), Frames.data(1, "abc", end: true)],
            ["headers 1 200"] + reset),
        WireCase(
            "8.1.1 content-length without content", role: .client, response(Frames.ok + [("content-length", "4")]),
            reset),
        WireCase(
            "8.1.1 304 may declare a length", role: .client, response([(":status", "304"), ("content-length", "4")]),
            ["headers 1 304 end"]),
        WireCase(
            "8.1.1 204 with content", role: .client, [Frames.headers(1, [(":status", "204")]), Frames.data(1, "x")],
            ["headers 1 204"] + reset),
        WireCase("8.3.2 no :status", role: .client, response([("a", "b")]), reset),
        WireCase("8.3.2 :status 20", role: .client, response([(":status", "20")]), reset),
        WireCase("8.3.2 :status 2000", role: .client, response([(":status", "2000")]), reset),
        WireCase("8.3.2 :status 099", role: .client, response([(":status", "099")]), reset),
        WireCase("8.3.2 :status twice", role: .client, response(Frames.ok + Frames.ok), reset),
        WireCase(
            "8.3.2 request pseudo-header field in a response", role: .client, response(Frames.ok + [(":path", "/")]),
            reset),
        WireCase("8.3.2 :status after a field", role: .client, response([("a", "b")] + Frames.ok), reset),
        WireCase(
            "8.2.2 connection in a response", role: .client, response(Frames.ok + [("connection", "close")]), reset),
        WireCase(
            "8.5 tunnel", role: .client, [Frames.headers(5, Frames.ok), Frames.data(5, "abc", end: true)],
            ["headers 5 200", "data 5 3 end"]),
        WireCase(
            "8.5 tunnel ignores content-length", role: .client,
            [Frames.headers(5, Frames.ok + [("content-length", "0")]), Frames.data(5, "abc")],
            ["headers 5 200", "data 5 3"]),
        WireCase(
            "8.5 HEADERS in a tunnel", role: .client,
            [Frames.headers(5, Frames.ok), Frames.headers(5, [("a", "b")], end: true)],
            ["headers 5 200", "reset 5 PROTOCOL_ERROR", "> RST_STREAM 5 PROTOCOL_ERROR"]),
        WireCase(
            "8.5 refused CONNECT has ordinary content", role: .client,
            [
                Frames.headers(5, [(":status", "503"), ("content-length", "2")]), Frames.data(5, "no"),
                Frames.headers(5, [("a", "b")], end: true),
            ], ["headers 5 503", "data 5 2", "trailers 5 a=b"]),
        WireCase("8.6 101 has no meaning", role: .client, response([(":status", "101")], end: false), reset),
        WireCase("RFC 8441 3 ENABLE_CONNECT_PROTOCOL 2", role: .client, [Frames.settings([(8, 2)])], goAwayProtocol),
        WireCase(
            "RFC 8441 3 ENABLE_CONNECT_PROTOCOL taken back", role: .client,
            [Frames.settings([(8, 1)]), Frames.settings([(8, 0)])],
            ["settings -"] + ["failed PROTOCOL_ERROR", "> SETTINGS ack", "> GOAWAY 0 PROTOCOL_ERROR"]),
        WireCase(
            "RFC 9218 7.1 PRIORITY_UPDATE from a server", role: .client, [Frames.frame(0x10, 0, [0, 0, 0, 1])],
            goAwayProtocol),
        WireCase(
            "10.5 too many interim responses", role: .client,
            [
                Frames.headers(1, [(":status", "100")]), Frames.headers(1, [(":status", "100")]),
                Frames.headers(1, [(":status", "100")]),
            ], ["headers 1 100", "headers 1 100"] + reset
        ) { $0.limits.informationalResponses = 2 },
    ]
}
