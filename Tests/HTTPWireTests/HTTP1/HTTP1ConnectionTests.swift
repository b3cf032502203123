import HTTPWire
import Testing

/// What a server sends, and when it keeps the connection.
@Suite struct HTTP1ConnectionTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private func block(_ list: [(String, String)]) -> HTTPFieldBlock {
        var block = HTTPFieldBlock()
        for (name, value) in list { block.append(name: name, value: value) }
        return block
    }

    /// What a server writes to `request`, given the response's head, content and trailers.
    private func respond(
        to request: String, _ head: [(String, String)], content: [String]? = nil, trailers: [(String, String)]? = nil
    ) throws -> (text: String, isClosing: Bool) {
        var peer = HTTP1Peer(.server)
        peer.answer = nil
        peer.feed(request)
        try peer.connection.sendHeaders(block(head), endStream: content == nil && trailers == nil)
        for (index, piece) in (content ?? []).enumerated() {
            let isLast = trailers == nil && index + 1 == content?.count
            try peer.connection.sendData(Array(piece.utf8), endStream: isLast)
        }
        if let trailers { try peer.connection.sendHeaders(block(trailers), endStream: true) }
        return (peer.takeText(), peer.connection.isClosing)
    }

    @Test("9112 6 framing of responses")
    func framing() throws {
        let ok = [(":status", "200")]
        #expect(try respond(to: get, ok).text == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        #expect(
            try respond(to: get, ok, content: ["hello", ""]).text
                == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        #expect(
            try respond(to: get, ok + [("content-length", "5")], content: ["he", "llo"]).text
                == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")
        #expect(
            try respond(to: get, ok, content: [String(repeating: "x", count: 17)]).text
                .hasSuffix("\r\n\r\n11\r\n\(String(repeating: "x", count: 17))\r\n0\r\n\r\n"), "sizes are hexadecimal")
        #expect(
            try respond(to: get, [(":status", "204"), ("content-length", "3")]).text
                == "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(
            try respond(to: get, [(":status", "304"), ("content-length", "3")]).text
                == "HTTP/1.1 304 Not Modified\r\ncontent-length: 3\r\n\r\n")
        #expect(
            try respond(to: "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", ok + [("content-length", "3")], content: ["abc"]).text
                == "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n", "content for HEAD is thrown away")
        #expect(try respond(to: get, [(":status", "299")]).text.hasPrefix("HTTP/1.1 299 \r\n"), "an unknown status")
    }

    @Test("9112 7.1.2 trailers go with chunks; gRPC's status is carried exactly")
    func trailers() throws {
        let sent = try respond(
            to: get, [(":status", "200"), ("content-type", "application/grpc")], content: ["\0\0\0\0\0"],
            trailers: [("grpc-status", "13"), ("grpc-message", "a%0Ab"), ("grpc-status-details-bin", "CAE=")])
        #expect(
            sent.text.hasSuffix(
                "0\r\ngrpc-status: 13\r\ngrpc-message: a%0Ab\r\ngrpc-status-details-bin: CAE=\r\n\r\n"))
        let cut = try respond(
            to: get, [(":status", "200"), ("content-length", "2")], content: ["hi"], trailers: [("x", "y")])
        #expect(cut.text.hasSuffix("\r\n\r\nhi"), "they have no place after a length")
        let framed = try respond(
            to: get, [(":status", "200")], content: [], trailers: [("content-length", "3"), ("x", "y")])
        #expect(framed.text.hasSuffix("\r\n\r\n0\r\nx: y\r\n\r\n"), "what frames a message is no trailer")
    }

    @Test("9112 9.3 HTTP/1.0: no chunks, no 1xx, and a connection that stays only if both say so")
    func http10() throws {
        let request = "GET / HTTP/1.0\r\n\r\n"
        let (text, isClosing) = try respond(to: request, [(":status", "200")], content: ["ab", "c"])
        #expect(text == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc" && isClosing)
        #expect(
            try respond(to: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", [(":status", "200")]).text
                == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n")
        var peer = HTTP1Peer(.server)
        peer.answer = nil
        peer.feed("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        try peer.connection.sendHeaders(.response(status: 100), endStream: false)
        let (written, expect) = (peer.takeText(), peer.blocks[0].first("expect"))
        #expect(written.isEmpty && expect == nil)
    }

    @Test("9110 10.1.1 a client that waits for 100")
    func expects() throws {
        let request = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"
        var told = HTTP1Peer(.server)
        told.feed(request)
        try told.connection.sendHeaders(.response(status: 100), endStream: false)
        told.feed("hi")
        let (lines, text) = (told.takeLines(), told.takeText())
        #expect(lines == ["POST /", "content hi", "end", "keep"])
        #expect(text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
        var refused = HTTP1Peer(.server)
        refused.feed(request)
        try refused.connection.sendHeaders(.response(status: 417), endStream: true)
        let (answer, closing) = (refused.takeText(), refused.connection.isClosing)
        #expect(answer.contains("\r\nconnection: close\r\n") && closing, "its content may come or not")
        var late = HTTP1Peer(.server)
        late.answer = nil
        late.feed(request + "h")
        try late.connection.sendHeaders(.response(status: 200), endStream: false)
        let keeps = late.takeText()
        #expect(!keeps.contains("connection: close"), "the content is coming")
    }

    @Test("9.6 a response that ends before the request closes the connection")
    func early() throws {
        var peer = HTTP1Peer(.server)
        peer.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
        try peer.connection.sendHeaders(.response(status: 413), endStream: true)
        peer.feed("llo" + get)
        let (text, lines, rest) = (peer.takeText(), peer.takeLines(), peer.rest)
        #expect(text.contains("\r\nconnection: close\r\n") && lines == ["POST /", "content he"] && rest.isEmpty)
    }

    @Test("content that is not as long as declared is never a complete message")
    func wrongLength() throws {
        var short = HTTP1Peer(.server)
        short.answer = nil
        short.feed(get)
        try short.connection.sendHeaders(block([(":status", "200"), ("content-length", "5")]), endStream: false)
        #expect(throws: HTTP1WriteError.contentLength) {
            try short.connection.sendData(Array("hi".utf8), endStream: true)
        }
        let isClosing = short.connection.isClosing
        #expect(isClosing)
        var long = HTTP1Peer(.server)
        long.answer = nil
        long.feed(get)
        try long.connection.sendHeaders(block([(":status", "200"), ("content-length", "1")]), endStream: false)
        #expect(throws: HTTP1WriteError.contentLength) {
            try long.connection.sendData(Array("hi".utf8), endStream: false)
        }
        var chunked = HTTP1Peer(.server)
        chunked.answer = nil
        chunked.feed(get)
        try chunked.connection.sendHeaders(block([(":status", "200")]), endStream: false)
        try chunked.connection.sendData(Array("hi".utf8), endStream: false)
        chunked.connection.abort()
        let text = chunked.takeText()
        #expect(text.hasSuffix("2\r\nhi\r\n"), "a reset is a message that is cut off")
    }

    @Test("9110 7.6.1 fields of the connection are taken out, others are passed on in order")
    func hopByHop() {
        var peer = HTTP1Peer(.server)
        peer.feed(
            "GET /p HTTP/1.1\r\nX-First: 1\r\nHost: A.example:8080\r\nConnection: X-Secret, keep-alive, TE\r\nKeep-Alive: timeout=3\r\n"
                + "Proxy-Connection: close\r\nX-SECRET: s\r\nTE: trailers, deflate\r\nUpgrade: h2c\r\nCookie: a=b\r\nX-Last: \u{e4}\r\nCookie: c=d\r\n\r\n"
        )
        let fields = peer.blocks[0].fields.map { "\($0.name)=\($0.value)" }
        #expect(
            fields == [
                ":method=GET", ":scheme=http", ":path=/p", ":authority=A.example:8080", "x-first=1", "cookie=a=b; c=d",
                "x-last=\u{e4}", "te=trailers",
            ])
        var block = HTTPFieldBlock()
        peer.blocks[0].forEach { name, value, _ in
            if name.count == 6, name[0] == 0x78 { block.append(name: name, value: value) }
        }
        #expect(block.count == 1)
    }

    @Test("bytes that are not UTF-8 are carried as they are")
    func rawBytes() throws {
        var server = HTTP1Peer(.server)
        server.answer = nil
        server.feed(Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [0xff, 0xc3, 0x28, 0xe9] + Array("\r\n\r\n".utf8))
        var client = HTTP1Peer(.client)
        let fields = server.blocks[0]
        try client.connection.sendHeaders(fields, endStream: true)
        client.drain()
        let written = client.written
        #expect(
            written == Array("GET / HTTP/1.1\r\nhost: a\r\nx: ".utf8) + [0xff, 0xc3, 0x28, 0xe9]
                + Array("\r\n\r\n".utf8))
    }

    @Test("9.3.2 what a pipelining client sends too early is not taken")
    func pipelined() throws {
        var peer = HTTP1Peer(.server)
        peer.answer = nil
        peer.feed(get + get)
        var (lines, rest, wants) = (peer.takeLines(), peer.rest.count, peer.connection.wantsInput)
        #expect(lines == ["GET / end"] && rest == get.utf8.count && !wants)
        try peer.connection.sendHeaders(.response(status: 200), endStream: true)
        peer.feed("")
        (lines, rest, wants) = (peer.takeLines(), peer.rest.count, peer.connection.wantsInput)
        #expect(lines == ["GET / end"] && rest == 0 && !wants)
    }

    @Test("connectionOptions: names that Connection lists", arguments: [0, 1])
    func connectionOptions(more: Int) {
        var configuration = HTTP1Configuration()
        configuration.limits.connectionOptions = 4
        #expect(HTTP1Limits().connectionOptions == 32)
        var peer = HTTP1Peer(.server, configuration)
        let names = (0..<(4 + more)).map { "n\($0)" }.joined(separator: ",")
        peer.feed("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, \(names)\r\nN3: v\r\n\r\n")
        let lines = peer.takeLines()
        #expect(lines == (more == 0 ? ["GET / end", "keep"] : ["failed 400"]))
    }

    @Test("headTime: a head that dribbles in, and trailers that do")
    func headTime() {
        #expect(HTTP1Limits().headTime == .seconds(15))
        var head = HTTP1Peer(.server)
        head.feed("GET / HTT")
        head.pass(.seconds(14))
        head.feed("P/1.1\r\nHost: a\r\n")
        head.pass(.milliseconds(999))
        var lines = head.takeLines()
        #expect(lines == [])
        head.pass(.milliseconds(1))
        lines = head.takeLines()
        let (text, counters) = (head.takeText(), head.connection.counters)
        #expect(lines == ["failed 408"] && text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(counters.boundsExceeded == 1 && counters.malformedMessages == 0)
        var trailers = HTTP1Peer(.server)
        trailers.feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y")
        trailers.pass(.seconds(15))
        lines = trailers.takeLines()
        #expect(lines == ["POST /", "failed 408"])
    }

    @Test("idleTime: between exchanges only, and without an answer")
    func idleTime() throws {
        #expect(HTTP1Limits().idleTime == .seconds(3600))
        var configuration = HTTP1Configuration()
        configuration.limits.idleTime = .seconds(5)
        var peer = HTTP1Peer(.server, configuration)
        peer.answer = nil
        peer.pass(.seconds(4))
        peer.feed(get)
        let deadline = peer.connection.nextDeadline
        #expect(deadline == nil, "an exchange lasts as long as it lasts")
        peer.pass(.seconds(100))
        try peer.connection.sendHeaders(.response(status: 200), endStream: true)
        _ = peer.takeText()
        peer.pass(.seconds(4))
        var lines = peer.takeLines()
        #expect(lines == ["GET / end"])
        peer.pass(.seconds(1))
        lines = peer.takeLines()
        let text = peer.takeText()
        #expect(lines == ["failed 400"] && text.isEmpty)
    }

    @Test("drain: the exchange under way is the last, an idle connection closes at once")
    func drain() throws {
        var idle = HTTP1Peer(.server)
        idle.connection.drain()
        let isClosing = idle.connection.isClosing
        #expect(isClosing)
        var busy = HTTP1Peer(.server)
        busy.answer = nil
        busy.feed(get)
        busy.connection.drain()
        try busy.connection.sendHeaders(.response(status: 200), endStream: true)
        let (text, closes) = (busy.takeText(), busy.connection.isClosing)
        #expect(text.contains("\r\nconnection: close\r\n") && closes)
    }

    @Test("counters")
    func counters() {
        var peer = HTTP1Peer(.server)
        peer.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\(get)GET /\r\n")
        let counters = peer.connection.counters
        #expect(counters.exchanges == 2 && counters.contentBytesReceived == 2 && counters.malformedMessages == 1)
    }
}
