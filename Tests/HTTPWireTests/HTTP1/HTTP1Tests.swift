import HTTPWire
import Testing

@Suite struct HTTP1Tests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var input: String
        var expected: [String]
        var limits = HTTP1Limits()
        var testDescription: String { name }

        init(_ name: String, _ input: String, _ expected: [String], _ configure: (inout HTTP1Limits) -> Void = { _ in })
        {
            self.name = name
            self.input = input
            self.expected = expected
            configure(&limits)
        }
    }

    private static let h = "Host: a\r\n"

    static let requests: [Row] = [
        Row("2.2 one empty line before the request line", "\r\nGET / HTTP/1.1\r\n\(h)\r\n", ["GET / keep", "end"]),
        Row("2.2 two empty lines before the request line", "\r\n\r\nGET / HTTP/1.1\r\n\(h)\r\n", ["error 400"]),
        Row("2.2 bare LF", "GET / HTTP/1.1\nHost: a\n\n", ["error 400"]),
        Row("2.2 bare CR", "GET / HTTP/1.1\rX", ["error 400"]),
        Row("2.2 bare LF in the fields", "GET / HTTP/1.1\r\nHost: a\n\r\n", ["error 400"]),
        Row("2.2 CR CR LF", "GET / HTTP/1.1\r\r\n", ["error 400"]),
        Row("3 two spaces", "GET  / HTTP/1.1\r\n\(h)\r\n", ["error 400"]),
        Row("3 no version", "GET /\r\n\(h)\r\n", ["error 400"]),
        Row("3 space at the end", "GET / HTTP/1.1 \r\n\(h)\r\n", ["error 400"]),
        Row("3 method is not a token", "G(T / HTTP/1.1\r\n\(h)\r\n", ["error 400"]),
        Row("3 control character in the target", "GET /\u{1} HTTP/1.1\r\n\(h)\r\n", ["error 400"]),
        Row("3 HTTP/2.0", "PRI * HTTP/2.0\r\n\r\n", ["error 505"]),
        Row("3 HTTP/1.2", "GET / HTTP/1.2\r\n\(h)\r\n", ["error 505"]),
        Row("3 http/1.1", "GET / http/1.1\r\n\(h)\r\n", ["error 400"]),
        Row("3.2 no Host", "GET / HTTP/1.1\r\n\r\n", ["error 400"]),
        Row("3.2 two Hosts", "GET / HTTP/1.1\r\n\(h)\(h)\r\n", ["error 400"]),
        Row("3.2 HTTP/1.0 needs no Host", "GET / HTTP/1.0\r\n\r\n", ["GET / close", "end"]),
        Row("5.1 space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", ["error 400"]),
        Row("5.1 no colon", "GET / HTTP/1.1\r\n\(h)x\r\n\r\n", ["error 400"]),
        Row("5.1 empty name", "GET / HTTP/1.1\r\n\(h): x\r\n\r\n", ["error 400"]),
        Row("5.2 folded line", "GET / HTTP/1.1\r\n\(h)X: a\r\n b\r\n\r\n", ["error 400"]),
        Row("5.2 first field line begins with a space", "GET / HTTP/1.1\r\n \(h)\r\n", ["error 400"]),
        Row("5.5 NUL in a value", "GET / HTTP/1.1\r\n\(h)X: a\0b\r\n\r\n", ["error 400"]),
        Row(
            "5.5 white space around a value is not part of it", "GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n",
            ["GET / keep", "end"]),
        Row(
            "6.1 chunked and a length",
            "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", ["error 400"]),
        Row("6.1 gzip, chunked", "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: gzip, chunked\r\n\r\n", ["error 501"]),
        Row(
            "6.1 two Transfer-Encodings",
            "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", ["error 501"]),
        Row("6.1 chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", ["error 400"]),
        Row(
            "6.1 Chunked, as case does not matter",
            "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", ["POST / keep", "end"]),
        Row(
            "6.3 two lengths", "POST / HTTP/1.1\r\n\(h)Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", ["error 400"]
        ),
        Row("6.3 length list", "POST / HTTP/1.1\r\n\(h)Content-Length: 3, 3\r\n\r\nabc", ["error 400"]),
        Row("6.3 negative length", "POST / HTTP/1.1\r\n\(h)Content-Length: -1\r\n\r\n", ["error 400"]),
        Row("6.3 length with a sign", "POST / HTTP/1.1\r\n\(h)Content-Length: +1\r\n\r\n", ["error 400"]),
        Row(
            "6.3 content by length, then another request",
            "POST / HTTP/1.1\r\n\(h)Content-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\(h)\r\n",
            ["POST / keep", "content abc", "end", "GET /b keep", "end"]),
        Row(
            "7.1 chunks",
            "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
            ["POST / keep", "content abc0123456789", "end"]),
        Row(
            "7.1.1 chunk extension",
            "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0 ;x\r\n\r\n",
            ["POST / keep", "content abc", "end"]),
        Row(
            "7.1.2 trailers", "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n",
            ["POST / keep", "end x-sum=1"]),
        Row(
            "7.1 chunk size with a sign", "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n",
            ["POST / keep", "error 400"]),
        Row(
            "7.1 chunk size 0x3", "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n",
            ["POST / keep", "error 400"]),
        Row(
            "7.1 empty chunk size", "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\n\r\n",
            ["POST / keep", "error 400"]),
        Row(
            "7.1 white space after a chunk size",
            "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n", ["POST / keep", "error 400"]),
        Row(
            "7.1 chunk size of 16 digits",
            "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            ["POST / keep", "error 400"]),
        Row(
            "7.1 chunk longer than its size", "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
            ["POST / keep", "content abc", "error 400"]),
        Row(
            "7.1 bare LF after a chunk size", "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n",
            ["POST / keep", "error 400"]),
        Row("9.3 Connection: close", "GET / HTTP/1.1\r\n\(h)Connection: Close\r\n\r\n", ["GET / close", "end"]),
        Row(
            "9.3 Connection: keep-alive in HTTP/1.0", "GET / HTTP/1.0\r\nConnection: x, Keep-Alive\r\n\r\n",
            ["GET / keep", "end"]),
        Row("startLineBytes", "GET /0123456789 HTTP/1.1\r\n", ["error 414"]) { $0.startLineBytes = 20 },
        Row("fieldBytes", "GET / HTTP/1.1\r\n\(h)X: 0123456789\r\n\r\n", ["error 431"]) { $0.fieldBytes = 15 },
        Row("fieldCount", "GET / HTTP/1.1\r\n\(h)X: 0\r\nY: 0\r\n\r\n", ["error 431"]) { $0.fieldCount = 2 },
        Row(
            "chunkLineBytes", "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\n3;aaaaaaaaaa\r\n",
            ["POST / keep", "error 400"]
        ) { $0.chunkLineBytes = 10 },
        Row("contentBytes by length", "POST / HTTP/1.1\r\n\(h)Content-Length: 11\r\n\r\n", ["error 413"]) {
            $0.contentBytes = 10
        },
        Row(
            "contentBytes by chunks", "POST / HTTP/1.1\r\n\(h)Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n8\r\n",
            ["POST / keep", "content abc", "error 413"]
        ) { $0.contentBytes = 10 },
    ]

    static let responses: [Row] = [
        Row("4 status line", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", ["200 OK keep", "content hi", "end"]),
        Row("4 no reason", "HTTP/1.1 204\r\n\r\n", ["204  keep", "end"]),
        Row(
            "4 reason with spaces", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            ["404 Not Found keep", "end"]),
        Row("4 status of two digits", "HTTP/1.1 20 OK\r\n\r\n", ["error 400"]),
        Row("4 status 099", "HTTP/1.1 099 OK\r\n\r\n", ["error 400"]),
        Row("4 HTTP/3.0", "HTTP/3.0 200 OK\r\n\r\n", ["error 505"]),
        Row(
            "6.3 304 has no content", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
            ["304 Not Modified keep", "end"]),
        Row("6.3 until the connection ends", "HTTP/1.1 200 OK\r\n\r\nabc", ["200 OK close", "content abc", "end"]),
        Row(
            "6.3 cut by length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            ["200 OK keep", "content abc", "error 400"]),
        Row("6.3 cut in the fields", "HTTP/1.1 200 OK\r\nConte", ["error 400"]),
        Row(
            "6.3 100, then the response", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            ["100 Continue keep", "200 OK keep", "end"]),
        Row(
            "6.3 chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            ["200 OK keep", "content hi", "end"]),
        Row(
            "6.3 both lengths", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n",
            ["error 400"]),
        Row("7.8 upgrade nobody asked for", "HTTP/1.1 101 Switching Protocols\r\n\r\n", ["error 400"]),
        Row("nothing at all", "", []),
    ]

    /// Reads pieces; fragments of content are joined.
    static func readRequests(_ pieces: [[UInt8]], _ limits: HTTP1Limits) -> [String] {
        var parser = HTTP1RequestParser(limits: limits)
        var lines: [String] = []
        for piece in pieces {
            var events: [HTTP1RequestEvent] = []
            var failure: HTTP1ParseError?
            piece.withUnsafeBytes { bytes in
                do throws(HTTP1ParseError) { try parser.receive(bytes, events: &events) } catch { failure = error }
            }
            for event in events {
                switch event {
                case .head(let head): lines.append("\(head.method) \(head.target) \(head.keepAlive ? "keep" : "close")")
                case .content(let range): join(&lines, piece[range])
                case .end(let trailers): lines.append(end(trailers))
                }
            }
            if let failure { return lines + ["error \(failure.status)"] }
        }
        return lines
    }

    static func readResponses(_ pieces: [[UInt8]], _ limits: HTTP1Limits, method: String = "GET") -> [String] {
        var parser = HTTP1ResponseParser(limits: limits)
        parser.expectResponse(toMethod: method)
        var lines: [String] = []
        for piece in pieces + [[]] {
            var events: [HTTP1ResponseEvent] = []
            var failure: HTTP1ParseError?
            piece.withUnsafeBytes { bytes in
                do throws(HTTP1ParseError) { try parser.receive(bytes, events: &events) } catch { failure = error }
            }
            for event in events {
                switch event {
                case .head(let head): lines.append("\(head.status) \(head.reason) \(head.keepAlive ? "keep" : "close")")
                case .content(let range): join(&lines, piece[range])
                case .end(let trailers): lines.append(end(trailers))
                }
            }
            if let failure { return lines + ["error \(failure.status)"] }
        }
        var events: [HTTP1ResponseEvent] = []
        do throws(HTTP1ParseError) { try parser.finish(events: &events) } catch {
            return lines + ["error \(error.status)"]
        }
        return lines + events.map { _ in "end" }
    }

    private static func join(_ lines: inout [String], _ bytes: ArraySlice<UInt8>) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let last = lines.last, last.hasPrefix("content ") {
            lines[lines.count - 1] = last + text
        } else {
            lines.append("content " + text)
        }
    }

    private static func end(_ trailers: HTTPFieldBlock?) -> String {
        guard let trailers else { return "end" }
        return "end " + trailers.fields.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
    }

    @Test("RFC 9112, requests, whole, byte by byte, and split at each point", arguments: requests)
    func readsRequests(_ row: Row) {
        let bytes = Array(row.input.utf8)
        #expect(Self.readRequests([bytes], row.limits) == row.expected)
        #expect(Self.readRequests(bytes.map { [$0] }, row.limits) == row.expected)
        for split in bytes.indices {
            #expect(Self.readRequests([Array(bytes[..<split]), Array(bytes[split...])], row.limits) == row.expected)
        }
    }

    @Test("RFC 9112, responses, whole, byte by byte, and split at each point", arguments: responses)
    func readsResponses(_ row: Row) {
        let bytes = Array(row.input.utf8)
        #expect(Self.readResponses([bytes], row.limits) == row.expected)
        #expect(Self.readResponses(bytes.map { [$0] }, row.limits) == row.expected)
        for split in bytes.indices {
            #expect(Self.readResponses([Array(bytes[..<split]), Array(bytes[split...])], row.limits) == row.expected)
        }
    }

    @Test("a response to HEAD has no content")
    func head() {
        let bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".utf8)
        #expect(Self.readResponses([bytes], HTTP1Limits(), method: "HEAD") == ["200 OK keep", "end"])
    }

    @Test("what is written is read back")
    func written() throws {
        var fields = HTTPFieldBlock()
        fields.append(name: "Host", value: "a")
        let request = try HTTP1Writer.requestHead(
            method: "POST", target: "/x?y", fields: fields, framing: .chunked, keepAlive: true)
        let body = HTTP1Writer.chunk(Array("hello".utf8)) + HTTP1Writer.chunk([])
        let end = try HTTP1Writer.lastChunk()
        #expect(Self.readRequests([request + body + end], HTTP1Limits()) == ["POST /x?y keep", "content hello", "end"])
        let response = try HTTP1Writer.responseHead(
            status: 503, fields: HTTPFieldBlock(), framing: .length(2), keepAlive: false)
        #expect(
            Self.readResponses([response + Array("no".utf8)], HTTP1Limits())
                == ["503 Service Unavailable close", "content no", "end"])
    }

    @Test("what would be read as something else is not written")
    func refused() {
        var split = HTTPFieldBlock()
        split.append(name: "x", value: "a\r\nSet-Cookie: b")
        #expect(throws: HTTP1WriteError.field(name: "x")) {
            try HTTP1Writer.responseHead(status: 200, fields: split, framing: .none, keepAlive: true)
        }
        var framing = HTTPFieldBlock()
        framing.append(name: "Content-Length", value: "3")
        #expect(throws: HTTP1WriteError.reservedField(name: "content-length")) {
            try HTTP1Writer.responseHead(status: 200, fields: framing, framing: .none, keepAlive: true)
        }
        #expect(throws: HTTP1WriteError.startLine) {
            try HTTP1Writer.requestHead(
                method: "GET", target: "/ x", fields: HTTPFieldBlock(), framing: .none, keepAlive: true)
        }
    }
}
