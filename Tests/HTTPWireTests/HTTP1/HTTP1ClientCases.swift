import HTTPWire

/// Responses as a client meets them; each row ends with what becomes of the connection.
enum HTTP1ClientCases {
    private static func ok(_ rest: String) -> String { "HTTP/1.1 200 OK\r\n\(rest)" }
    private static func chunked(_ rest: String) -> String { ok("Transfer-Encoding: chunked\r\n\r\n\(rest)") }
    private static let two = "Content-Length: 2\r\n\r\nhi"

    static let lines: [HTTP1Case] = [
        HTTP1Case("4 status line", ok(two), ["200", "content hi", "end", "reusable"]),
        HTTP1Case("4 no reason", "HTTP/1.1 204\r\n\r\n", ["204 end", "reusable"]),
        HTTP1Case("4 empty reason", "HTTP/1.1 204 \r\n\r\n", ["204 end", "reusable"]),
        HTTP1Case(
            "4 reason with spaces", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ["404 end", "reusable"]),
        HTTP1Case(
            "4 status of two digits", "HTTP/1.1 20 OK\r\n\r\n", ["failed \(HTTP1ParseError.statusLine)", "close"]),
        HTTP1Case(
            "4 status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", ["failed \(HTTP1ParseError.statusLine)", "close"]),
        HTTP1Case("4 status 099", "HTTP/1.1 099 OK\r\n\r\n", ["failed \(HTTP1ParseError.statusLine)", "close"]),
        HTTP1Case(
            "4 control character in the reason", "HTTP/1.1 200 O\u{1}K\r\n\r\n",
            ["failed \(HTTP1ParseError.statusLine)", "close"]),
        HTTP1Case("4 HTTP/3.0", "HTTP/3.0 200 OK\r\n\r\n", ["failed \(HTTP1ParseError.version)", "close"]),
        HTTP1Case("4 not HTTP at all", "SSH-2.0-OpenSSH_9.6\r\n", ["failed \(HTTP1ParseError.statusLine)", "close"]),
        HTTP1Case(
            "2.2 empty line before the status line", "\r\n" + ok(two),
            ["failed \(HTTP1ParseError.statusLine)", "close"]),
        HTTP1Case("2.2 bare LF", "HTTP/1.1 200 OK\n\n", ["failed \(HTTP1ParseError.lineEnd)", "close"]),
        HTTP1Case(
            "5.1 space before the colon", ok("Content-Length : 2\r\n\r\nhi"),
            ["failed \(HTTP1ParseError.field)", "close"]),
        HTTP1Case("5.2 folded line", ok("X: a\r\n b\r\n\r\n"), ["failed \(HTTP1ParseError.foldedField)", "close"]),
        HTTP1Case("5.5 NUL in a value", ok("X: a\0b\r\n\r\n"), ["failed \(HTTP1ParseError.field)", "close"]),
    ]

    static let framing: [HTTP1Case] = [
        HTTP1Case("6.3 HEAD", ok("Content-Length: 9\r\n\r\n"), ["200 end", "reusable"], method: "HEAD"),
        HTTP1Case(
            "6.3 HEAD, chunked", ok("Transfer-Encoding: chunked\r\n\r\n"), ["200 end", "reusable"], method: "HEAD"),
        HTTP1Case(
            "6.3 HEAD, and content all the same", ok(two),
            ["200 end", "failed \(HTTP1ParseError.unsolicited)", "close"], method: "HEAD"),
        HTTP1Case("6.3 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", ["304 end", "reusable"]),
        HTTP1Case(
            "6.3 204 with content", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nhi", ["204 end", "close"]),
        HTTP1Case(
            "6.3 204, chunked", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            ["204 end", "close"]),
        HTTP1Case(
            "6.3 204 with length 0", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", ["204 end", "reusable"]),
        HTTP1Case("6.3 until the connection ends", ok("\r\nabc"), ["200", "content abc", "end", "close"]),
        HTTP1Case("6.3 until the connection ends, nothing", ok("\r\n"), ["200", "end", "close"]),
        HTTP1Case(
            "8 cut by length", ok("Content-Length: 9\r\n\r\nabc"),
            ["200", "content abc", "failed \(HTTP1ParseError.truncated)", "close"]),
        HTTP1Case(
            "8 cut in a chunk", chunked("9\r\nabc"),
            ["200", "content abc", "failed \(HTTP1ParseError.truncated)", "close"]),
        HTTP1Case(
            "8 cut before the last chunk", chunked("3\r\nabc\r\n"),
            ["200", "content abc", "failed \(HTTP1ParseError.truncated)", "close"]),
        HTTP1Case(
            "8 cut in the trailers", chunked("0\r\nX: y\r\n"), ["200", "failed \(HTTP1ParseError.truncated)", "close"]),
        HTTP1Case("8 cut in the fields", ok("Conte"), ["failed \(HTTP1ParseError.truncated)", "close"]),
        HTTP1Case("8 nothing at all", "", ["failed \(HTTP1ParseError.truncated)", "close"]),
        HTTP1Case("6.3 chunked", chunked("2\r\nhi\r\n0\r\n\r\n"), ["200", "content hi", "end", "reusable"]),
        HTTP1Case(
            "7.1.2 trailers", chunked("2\r\nhi\r\n0\r\ngrpc-status: 0\r\ngrpc-message: a%20b\r\n\r\n"),
            ["200", "content hi", "end grpc-status=0,grpc-message=a%20b", "reusable"]),
        HTTP1Case(
            "6.3 both lengths", ok("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n"),
            ["failed \(HTTP1ParseError.framing)", "close"]),
        HTTP1Case(
            "6.3 two lengths", ok("Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi"),
            ["failed \(HTTP1ParseError.framing)", "close"]),
        HTTP1Case(
            "6.1 gzip, chunked", ok("Transfer-Encoding: gzip, chunked\r\n\r\n"),
            ["failed \(HTTP1ParseError.transferCoding)", "close"]),
        HTTP1Case(
            "6.1 chunked from HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            ["failed \(HTTP1ParseError.framing)", "close"]),
        HTTP1Case("9.3 close", ok("Connection: close\r\n" + two), ["200", "content hi", "end", "close"]),
        HTTP1Case("9.3 HTTP/1.0", "HTTP/1.0 200 OK\r\n" + two, ["200", "content hi", "end", "close"]),
        HTTP1Case(
            "9.3 HTTP/1.0 keep-alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + two,
            ["200", "content hi", "end", "reusable"]),
        HTTP1Case(
            "9.2 a second response that nobody asked for", ok(two) + ok(two),
            ["200", "content hi", "end", "failed \(HTTP1ParseError.unsolicited)", "close"]),
    ]

    static let interim: [HTTP1Case] = [
        HTTP1Case(
            "9110 15.2 100, then the response", "HTTP/1.1 100 Continue\r\n\r\n" + ok(two),
            ["100", "200", "content hi", "end", "reusable"]),
        HTTP1Case(
            "9110 15.2 103, then the response", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok(two),
            ["103", "200", "content hi", "end", "reusable"]),
        HTTP1Case(
            "9110 15.2 1xx and then nothing", "HTTP/1.1 102 Processing\r\n\r\n",
            ["102", "failed \(HTTP1ParseError.truncated)", "close"]),
        HTTP1Case(
            "9110 15.2.2 an upgrade nobody asked for", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            ["failed \(HTTP1ParseError.upgrade)", "close"]),
        HTTP1Case(
            "informationalResponses", String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 3),
            ["102", "102", "failed \(HTTP1ParseError.tooManyInformationalResponses)", "close"]
        ) { $0.limits.informationalResponses = 2 },
        HTTP1Case("startLineBytes", ok(two), ["failed \(HTTP1ParseError.startLineTooLong)", "close"]) {
            $0.limits.startLineBytes = 14
        },
        HTTP1Case("fieldBytes", ok("X: 0123456789\r\n" + two), ["failed \(HTTP1ParseError.fieldsTooLarge)", "close"]) {
            $0.limits.fieldBytes = 12
        },
        HTTP1Case(
            "contentBytes until the connection ends", ok("\r\nabc"),
            ["200", "failed \(HTTP1ParseError.contentTooLarge)", "close"]
        ) { $0.limits.contentBytes = 0 },
    ]

    static let all = lines + framing + interim
}
