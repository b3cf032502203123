import HTTPWire
import Testing

/// client -HTTP/1.1-> proxy -HTTP/2-> proxy -HTTP/1.1-> server, without sockets.
private struct Chain: ~Copyable {
    static let now = MonotonicTime(nanoseconds: 1)

    /// One end of the HTTP/2 connection in the middle, and what it has written.
    struct End: ~Copyable {
        var connection: HTTP2Connection
        var wire: [UInt8] = []
        var stream: HTTP2StreamID?

        init(_ role: HTTP2Role) {
            var configuration = HTTP2Configuration()
            configuration.enableConnectProtocol = true
            connection = HTTP2Connection(role: role, configuration: configuration, now: Chain.now)
        }

        mutating func flush() { connection.drainOutput { wire += Array($0) } }

        mutating func send(_ bytes: [UInt8], _ end: Bool) {
            guard let stream else { return }
            flush()
            let count = connection.reserveData(stream, upTo: bytes.count)
            connection.didSendData(stream, byteCount: count, endStream: end)
            wire += Frames.data(stream.rawValue, bytes: bytes, end: end)
        }

        mutating func take(_ bytes: [UInt8]) -> [HTTP2Event] {
            var events: [HTTP2Event] = []
            bytes.withUnsafeBytes { connection.receive($0, now: Chain.now, events: &events) }
            flush()
            return events
        }
    }

    var front = HTTP1Connection(role: .server, now: Chain.now)
    var up = End(.client)
    var down = End(.server)
    var back = HTTP1Connection(role: .client, now: Chain.now)
    /// What the server has been sent and the client has got, since the last look.
    private var sent = ""
    private var got = ""

    init() throws {
        up.flush()
        down.flush()
        try settle()
    }

    /// The client sends `text`; what the server gets.
    mutating func request(_ text: String) throws -> String {
        let bytes = Array(text.utf8)
        var events: [HTTP1Event] = []
        _ = bytes.withUnsafeBytes { front.receive($0, now: Chain.now, events: &events) }
        for event in events {
            switch event {
            case .headers(let fields, let end): up.stream = up.connection.openStream(fields, endStream: end)
            case .data(let range, let end): up.send(Array(bytes[range]), end)
            case .trailers(let fields): if let id = up.stream { up.connection.sendHeaders(id, fields, endStream: true) }
            case .failed(let error): throw error
            }
        }
        up.flush()
        try settle()
        back.drainOutput { sent += String(decoding: $0, as: UTF8.self) }
        defer { sent = "" }
        return sent
    }

    /// The server sends `text`, and ends its side if so said; what the client gets.
    mutating func response(_ text: String, closes: Bool = false) throws -> String {
        let bytes = Array(text.utf8)
        var events: [HTTP1Event] = []
        _ = bytes.withUnsafeBytes { back.receive($0, now: Chain.now, events: &events) }
        if closes { back.peerClosed(now: Chain.now, events: &events) }
        for event in events {
            guard let id = down.stream else { break }
            switch event {
            case .headers(let fields, let end): down.connection.sendHeaders(id, fields, endStream: end)
            case .data(let range, let end): down.send(Array(bytes[range]), end)
            case .trailers(let fields): down.connection.sendHeaders(id, fields, endStream: true)
            case .failed(let error): down.connection.reset(id, error.streamError)
            }
        }
        down.flush()
        try settle()
        front.drainOutput { got += String(decoding: $0, as: UTF8.self) }
        defer { got = "" }
        return got
    }

    /// Carries what both ends in the middle have written, until they are quiet.
    private mutating func settle() throws {
        while !up.wire.isEmpty || !down.wire.isEmpty {
            let (forth, back) = (up.wire, down.wire)
            up.wire = []
            down.wire = []
            for event in down.take(forth) {
                switch event {
                case .headers(let id, let fields, let end):
                    down.stream = id
                    try self.back.sendHeaders(fields, endStream: end)
                case .data(_, let range, let end): try self.back.sendData(Array(forth[range]), endStream: end)
                case .trailers(_, let fields): try self.back.sendHeaders(fields, endStream: true)
                default: break
                }
            }
            for event in up.take(back) {
                switch event {
                case .headers(_, let fields, let end): try front.sendHeaders(fields, endStream: end)
                case .data(_, let range, let end): try front.sendData(Array(back[range]), endStream: end)
                case .trailers(_, let fields): try front.sendHeaders(fields, endStream: true)
                case .reset(_, let code, _):
                    if front.canSendData {
                        front.abort()
                    } else {
                        try front.sendHeaders(.response(status: code.responseStatus), endStream: true)
                    }
                default: break
                }
            }
        }
    }
}

/// HTTP/1.1 to HTTP/2 and back: what comes out at the far end is what went in.
@Suite struct TranslationTests {
    @Test("a request with content and trailers, and its response with both")
    func whole() throws {
        var chain = try Chain()
        let request = try chain.request(
            "POST /a?b HTTP/1.1\r\nHost: h:1\r\nX-One: 1\r\nConnection: X-Hop, TE\r\nX-Hop: x\r\nTE: trailers\r\nCookie: a=b\r\nX-Two: 2\r\nCookie: c=d\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n")
        #expect(
            request == "POST /a?b HTTP/1.1\r\nhost: h:1\r\nx-one: 1\r\ncookie: a=b; c=d\r\nx-two: 2\r\n"
                + "transfer-encoding: chunked\r\nte: trailers\r\nconnection: te\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 9\r\n\r\n"
        )
        let response = try chain.response(
            "HTTP/1.1 200 Fine\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\nKeep-Alive: x\r\n\r\n3\r\nabc\r\n0\r\ngrpc-status: 7\r\ngrpc-message: no%20way\r\n\r\n"
        )
        #expect(
            response == "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\ntransfer-encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n0\r\ngrpc-status: 7\r\ngrpc-message: no%20way\r\n\r\n")
        #expect(
            try chain.request("GET / HTTP/1.1\r\nHost: h\r\n\r\n") == "GET / HTTP/1.1\r\nhost: h\r\n\r\n", "and again")
    }

    @Test("gRPC: a response of trailers alone stays one")
    func trailersOnly() throws {
        var chain = try Chain()
        _ = try chain.request("POST /s/M HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
        #expect(
            try chain.response("HTTP/1.1 200 OK\r\ngrpc-status: 12\r\nContent-Length: 0\r\n\r\n")
                == "HTTP/1.1 200 OK\r\ngrpc-status: 12\r\ncontent-length: 0\r\n\r\n")
    }

    @Test("1xx go through, then the response")
    func interim() throws {
        var chain = try Chain()
        let head = try chain.request("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(head.contains("\r\nexpect: 100-continue\r\n") && head.hasSuffix("content-length: 2\r\n\r\n"))
        #expect(try chain.response("HTTP/1.1 100 Continue\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(try chain.request("hi") == "hi")
        #expect(
            try chain.response(
                "HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
                == "HTTP/1.1 103 Early Hints\r\nlink: </s.css>\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"
        )
    }

    @Test("HEAD, 204 and 304 have no content, whatever they declare")
    func noContent() throws {
        var chain = try Chain()
        _ = try chain.request("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(
            try chain.response("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
                == "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n")
        _ = try chain.request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(
            try chain.response("HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n")
                == "HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n")
        _ = try chain.request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try chain.response("HTTP/1.1 204 No Content\r\n\r\n") == "HTTP/1.1 204 No Content\r\n\r\n")
    }

    @Test(
        "a response that ends with its connection is chunked for the client; one that is cut off is cut off there too")
    func untilClose() throws {
        var chain = try Chain()
        _ = try chain.request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(
            try chain.response("HTTP/1.1 200 OK\r\n\r\nabc", closes: true)
                == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        var cut = try Chain()
        _ = try cut.request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(
            try cut.response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", closes: true)
                == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
        let isClosing = cut.front.isClosing
        #expect(isClosing)
        var none = try Chain()
        _ = try none.request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try none.response("", closes: true).hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
    }

    @Test("WebSocket through HTTP/2")
    func webSocket() throws {
        var chain = try Chain()
        let request = try chain.request(
            "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        #expect(
            request
                == "GET /ws HTTP/1.1\r\nhost: h\r\nupgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "sec-websocket-version: 13\r\nconnection: Upgrade\r\n\r\n")
        let response = try chain.response(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello"
        )
        #expect(
            response == "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                + "connection: Upgrade\r\nupgrade: websocket\r\n\r\nhello")
        #expect(try chain.request("frame") == "frame")
    }

    @Test("9113 8.2.3 HTTP/2 clients' cookies are one field to whoever reads them")
    func crumbs() {
        var peer = Peer.ready(.server)
        let fields = Frames.get + [("cookie", "a=b"), ("x", "y"), ("cookie", "c=d")]
        var events: [HTTP2Event] = []
        Frames.headers(1, fields, end: true).withUnsafeBytes {
            peer.connection.receive($0, now: peer.time, events: &events)
        }
        guard case .headers(_, let block, _) = events.first else { return #expect(Bool(false), "no request") }
        #expect(block.all("cookie") == ["a=b; c=d"] && block.count == 6)
    }

    @Test("6585 5 a header list that is too large is answered with 431 where that is wanted")
    func tooLarge() {
        var configuration = HTTP2Configuration()
        configuration.maxHeaderListSize = 400
        configuration.answersLargeHeaderLists = true
        configuration.limits.resetsCaused = HTTP2Rate(2)
        var peer = Peer.ready(.server, configuration)
        let large = Frames.get + [("a", String(repeating: "x", count: 300))]
        peer.feed(Frames.headers(1, large, end: true) + Frames.headers(3, large) + Frames.data(3, "late", end: true))
        peer.feed(Frames.headers(5, Frames.get, end: true))
        var lines = peer.takeLines()
        #expect(
            lines == ["headers 5 GET end", "> HEADERS 1 end", "> HEADERS 3 end", "> RST_STREAM 3 NO_ERROR"],
            "the connection goes on")
        let counters = peer.connection.counters
        #expect(counters.boundsExceeded == 2)
        peer.feed(Frames.headers(7, large, end: true))
        lines = peer.takeLines()
        #expect(lines.first == "failed ENHANCE_YOUR_CALM", "not for ever (resetsCaused)")
    }

    @Test("what a failure on one side is on the other")
    func failures() {
        #expect(
            HTTP1ParseError.truncated.streamError == .internalError
                && HTTP1ParseError.framing.streamError == .protocolError)
        #expect(HTTP1ParseError.headTimeout.streamError == .cancel)
        #expect(HTTP2ErrorCode.refusedStream.responseStatus == 503 && HTTP2ErrorCode.cancel.responseStatus == 502)
    }
}
