import HTTPWire
import Testing

@Suite struct HTTP1ClientTests {
    @Test("whole, byte by byte, and split at each point, the same comes out", arguments: HTTP1ClientCases.all)
    func table(_ row: HTTP1Case) throws {
        for cut in row.cuts { #expect(try row.receive(cut) == row.expected, "cut at \(cut.first?.count ?? 0)") }
    }

    private func fields(_ list: [(String, String)]) -> HTTPFieldBlock {
        var block = HTTPFieldBlock()
        for (name, value) in list { block.append(name: name, value: value) }
        return block
    }

    /// What a client writes for a request of HTTP/2's form.
    private func write(
        _ list: [(String, String)], endStream: Bool = true, _ configure: (inout HTTP1Configuration) -> Void = { _ in }
    ) throws -> String {
        var configuration = HTTP1Configuration()
        configure(&configuration)
        var peer = HTTP1Peer(.client, configuration)
        try peer.connection.sendHeaders(fields(list), endStream: endStream)
        return peer.takeText()
    }

    private let get = [(":method", "GET"), (":scheme", "http"), (":authority", "a:80"), (":path", "/x?y")]
    private let post = [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/")]

    @Test("9113 8.3.1 the request line and Host come from pseudo-header fields")
    func requestLine() throws {
        #expect(try write(get) == "GET /x?y HTTP/1.1\r\nhost: a:80\r\n\r\n")
        #expect(try write(get + [("host", "a:80")]) == "GET /x?y HTTP/1.1\r\nhost: a:80\r\n\r\n", "one Host")
        #expect(
            try write([(":method", "OPTIONS"), (":scheme", "http"), (":path", "*")])
                == "OPTIONS * HTTP/1.1\r\nhost: \r\n\r\n")
        #expect(
            try write([(":method", "CONNECT"), (":authority", "a:1")]) == "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n")
    }

    @Test("what stands twice in a head has room, however long it is")
    func longHeads() throws {
        let long = String(repeating: "a", count: 40_000)
        #expect(
            try write([(":method", "CONNECT"), (":authority", "\(long):1")])
                == "CONNECT \(long):1 HTTP/1.1\r\nhost: \(long):1\r\n\r\n")
        #expect(
            try write([
                (":method", "CONNECT"), (":protocol", long), (":scheme", "http"), (":authority", "a"), (":path", "/"),
            ]) == "GET / HTTP/1.1\r\nhost: a\r\nupgrade: \(long)\r\nconnection: Upgrade\r\n\r\n")
        let cookies = Array(repeating: ("cookie", ""), count: 2_000)
        #expect(try write(get + cookies).count > 2 * 2_000)
        let named = [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("host", long)]
        #expect(try write(named) == "GET / HTTP/1.1\r\nhost: \(long)\r\n\r\n")
    }

    @Test("9110 8.6 framing of what is sent")
    func framing() throws {
        #expect(try write(post).hasSuffix("\r\ncontent-length: 0\r\n\r\n"), "POST without content says so")
        #expect(try write(post, endStream: false).hasSuffix("\r\ntransfer-encoding: chunked\r\n\r\n"))
        #expect(
            try write(post + [("content-length", "3")], endStream: false).hasSuffix("\r\ncontent-length: 3\r\n\r\n"))
        #expect(throws: HTTP1WriteError.contentLength) { try write(post + [("content-length", "3")], endStream: true) }
        #expect(throws: HTTP1WriteError.contentLength) {
            try write(post + [("content-length", "3"), ("content-length", "3")], endStream: false)
        }
    }

    @Test("9113 8.2.3 cookies are joined")
    func cookies() throws {
        let text = try write(get + [("cookie", "a=b"), ("x", "y"), ("cookie", "c=d"), ("cookie", "e=f")])
        #expect(text.contains("\r\ncookie: a=b; c=d; e=f\r\nx: y\r\n"))
    }

    @Test("9113 8.2.2 fields of a connection are left out, TE: trailers is put in as HTTP/1.1 has it")
    func connectionFields() throws {
        let text = try write(
            get + [
                ("connection", "x"), ("keep-alive", "3"), ("transfer-encoding", "chunked"), ("upgrade", "x"),
                ("proxy-connection", "close"), ("te", "trailers"),
            ])
        #expect(text == "GET /x?y HTTP/1.1\r\nhost: a:80\r\nte: trailers\r\nconnection: te\r\n\r\n")
        #expect(try write(get) { $0.exchanges = 1 }.hasSuffix("\r\nconnection: close\r\n\r\n"), "the last exchange")
    }

    @Test(
        "what would be read as something else is not written",
        arguments: [
            [(":method", "G ET"), (":path", "/"), (":authority", "a")],
            [(":method", "GET"), (":path", "/ HTTP/1.1\r\nX: y"), (":authority", "a")],
            [(":method", "GET"), (":path", "/ x"), (":authority", "a")],
            [(":method", "GET"), (":path", ""), (":authority", "a")],
            [(":method", "GET"), (":path", "x"), (":authority", "a")],
            [(":method", "GET"), (":path", "/"), (":authority", "a\r\nX: y")],
            [(":method", "GET"), (":path", "/"), (":authority", "u@a")],
            [(":method", "GET"), (":path", "/"), (":authority", "a"), ("x", "a\r\nY: b")],
            [(":method", "GET"), (":path", "/"), (":authority", "a"), ("x", "a\0")],
            [(":method", "GET"), (":path", "/"), (":authority", "a"), ("x y", "a")],
            [(":method", "GET"), (":path", "/"), (":authority", "a"), ("x\r\ny", "a")],
            [(":method", "GET"), (":path", "/"), (":authority", "a"), ("cookie", "a"), ("cookie", "b\n")],
            [(":method", "CONNECT"), (":authority", "a")],
            [(":path", "/"), (":authority", "a")],
        ])
    func refused(_ list: [(String, String)]) throws {
        var peer = HTTP1Peer(.client)
        #expect(throws: HTTP1WriteError.self) { try peer.connection.sendHeaders(fields(list), endStream: true) }
        let (text, isIdle) = (peer.takeText(), peer.connection.isIdle)
        #expect(text.isEmpty && isIdle, "nothing is queued, and another request can be sent")
    }

    @Test("one request at a time, and the next one after the response")
    func sequence() throws {
        var peer = try HTTP1Peer.client()
        #expect(throws: Never.self) {
            peer.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            try peer.connection.sendHeaders(fields(get), endStream: true)
        }
        let begun = peer.connection.hasResponseBegun
        #expect(!begun, "of the second")
        let before = peer.takeText()
        // Its request is complete, so what is sent now would be trailers of it, which have no place any more.
        try peer.connection.sendHeaders(fields(get), endStream: true)
        let after = peer.takeText()
        #expect(before.contains("GET /x?y ") && after.isEmpty, "no pipelining")
    }

    @Test("9.5 the end of an idle connection is no error; a response that never began can be told from one that did")
    func ends() throws {
        var idle = try HTTP1Peer.client()
        idle.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        idle.close()
        let lines = idle.takeLines()
        #expect(lines == ["200 end"])
        var waiting = try HTTP1Peer.client()
        waiting.close()
        let (failed, begun) = (waiting.takeLines(), waiting.connection.hasResponseBegun)
        #expect(failed == ["failed \(HTTP1ParseError.truncated)"] && !begun)
    }

    @Test("9.3 a response before the request is complete costs the connection, not the response")
    func early() throws {
        var peer = HTTP1Peer(.client)
        try peer.connection.sendHeaders(fields(post), endStream: false)
        peer.feed("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
        let (lines, closing, sends) = (peer.takeLines(), peer.connection.isClosing, peer.connection.canSendData)
        #expect(lines == ["413 end"] && closing && !sends)
        #expect(try peer.connection.frameData(byteCount: 9, endStream: false).payloadCount == 0, "the rest is dropped")
    }
}
