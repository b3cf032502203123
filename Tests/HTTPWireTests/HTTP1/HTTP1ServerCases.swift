import HTTPWire

/// Requests as a server meets them.
enum HTTP1ServerCases {
    private static let h = "Host: a\r\n"
    private static let bad = ["failed 400"]
    private static func get(_ fields: String) -> String { "GET / HTTP/1.1\r\n\(fields)\r\n" }
    private static func post(_ rest: String) -> String { "POST / HTTP/1.1\r\n\(h)\(rest)" }
    private static func chunked(_ rest: String) -> String { post("Transfer-Encoding: chunked\r\n\r\n\(rest)") }

    static let lines: [HTTP1Case] = [
        HTTP1Case("2.2 one empty line before the request line", "\r\n" + get(h), ["GET / end", "keep"]),
        HTTP1Case("2.2 two empty lines before the request line", "\r\n\r\n" + get(h), bad),
        HTTP1Case("2.2 bare LF", "GET / HTTP/1.1\nHost: a\n\n", bad),
        HTTP1Case("2.2 bare CR in the request line", "GET / HTTP/1.1\rX\r\n", bad),
        HTTP1Case("2.2 bare CR in a value", get(h + "X: a\rY: b\r\n"), bad),
        HTTP1Case("2.2 bare CR in a name", get(h + "X\rY: b\r\n"), bad),
        HTTP1Case("2.2 bare LF in the fields", "GET / HTTP/1.1\r\nHost: a\n\r\n", bad),
        HTTP1Case("2.2 bare LF for the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", bad),
        HTTP1Case("2.2 CR CR LF", "GET / HTTP/1.1\r\r\n", bad),
        HTTP1Case("3 two spaces", "GET  / HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3 a tab for a space", "GET\t/ HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3 space in the target", "GET /a b HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3 no version (HTTP/0.9)", "GET /\r\n\(h)\r\n", bad),
        HTTP1Case("3 space before the method", " GET / HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3 space at the end", "GET / HTTP/1.1 \r\n\(h)\r\n", bad),
        HTTP1Case("3 method is not a token", "G(T / HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3 a method that nobody knows", "BREW /pot HTTP/1.1\r\n\(h)\r\n", ["BREW /pot end", "keep"]),
        HTTP1Case("3 control character in the target", "GET /\u{1} HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3 NUL in the target", "GET /\0 HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3 bytes beyond ASCII in the target", "GET /\u{e4} HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3 HTTP/2.0", "PRI * HTTP/2.0\r\n\r\n", ["failed 505"]),
        HTTP1Case("3 HTTP/1.2", "GET / HTTP/1.2\r\n\(h)\r\n", ["failed 505"]),
        HTTP1Case("3 HTTP/1.10", "GET / HTTP/1.10\r\n\(h)\r\n", bad),
        HTTP1Case("3 http/1.1", "GET / http/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3 a TLS ClientHello", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\r\n", bad),
        HTTP1Case(
            "2.2 white space between start line and fields", "GET / HTTP/1.1\r\n \(h)\r\n", bad),
    ]

    static let targets: [HTTP1Case] = [
        HTTP1Case("3.2 no Host", get(""), bad),
        HTTP1Case("3.2 two Hosts", get(h + h), bad),
        HTTP1Case("3.2 empty Host", get("Host:\r\n"), bad),
        HTTP1Case("3.2 user information in Host", get("Host: u@a\r\n"), bad),
        HTTP1Case("3.2 a path in Host", get("Host: a/b\r\n"), bad),
        HTTP1Case("3.2 a list in Host is one odd name", get("Host: a, b\r\n"), bad),
        HTTP1Case("3.2 a port that is none in Host", get("Host: a:x\r\n"), bad),
        HTTP1Case("3.2 a port beyond 65535 in Host", get("Host: a:65536\r\n"), bad),
        HTTP1Case("3.2 an IPv6 address in Host", get("Host: [::1]:80\r\n"), ["GET / end", "keep"]),
        HTTP1Case("3.2 an open bracket in Host", get("Host: [::1\r\n"), bad),
        HTTP1Case("3.2 Host does not come first", get("X: 1\r\n\(h)"), ["GET / end", "keep"]),
        HTTP1Case("3.2 HTTP/1.0 needs no Host", "GET / HTTP/1.0\r\n\r\n", ["GET / end", "close"]),
        HTTP1Case("3.2.1 not rooted", "GET index.html HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3.2.1 a fragment", "GET /a#b HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3.2.2 absolute", "GET http://a/b?c HTTP/1.1\r\n\(h)\r\n", ["GET /b?c end", "keep"]),
        HTTP1Case("3.2.2 absolute, without a path", "GET http://a HTTP/1.1\r\n\(h)\r\n", ["GET / end", "keep"]),
        HTTP1Case("3.2.2 absolute, query alone", "GET http://a?b HTTP/1.1\r\n\(h)\r\n", ["GET /?b end", "keep"]),
        HTTP1Case("3.2.2 absolute, in other case", "GET HTTP://A/ HTTP/1.1\r\n\(h)\r\n", ["GET / end", "keep"]),
        HTTP1Case("3.2.2 absolute, for another host than Host", "GET http://b/ HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3.2.2 absolute, for another port than Host", "GET http://a:1/ HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3.2.2 absolute, and an empty Host", "GET http://a/ HTTP/1.1\r\nHost: \r\n\r\n", bad),
        HTTP1Case("3.2.2 absolute, with user information", "GET http://u@a/ HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3.2.2 absolute, without an authority", "GET http:///b HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3.2.2 absolute, with a fragment", "GET http://a/#b HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3.2.2 absolute, a fragment for a path", "GET http://a#b HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3.2.2 absolute, of another scheme", "GET https://a/ HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3.2.2 absolute, of this scheme", "GET https://a/ HTTP/1.1\r\n\(h)\r\n", ["GET / end", "keep"]) {
            $0.scheme = .https
        },
        HTTP1Case("3.2.3 CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", ["CONNECT a:1"]),
        HTTP1Case("3.2.3 CONNECT without a port", "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", bad),
        HTTP1Case("3.2.3 CONNECT to another host than Host", "CONNECT a:1 HTTP/1.1\r\nHost: b:1\r\n\r\n", bad),
        HTTP1Case("3.2.3 CONNECT with a path", "CONNECT /a HTTP/1.1\r\n\(h)\r\n", bad),
        HTTP1Case("3.2.3 authority for GET", "GET a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", bad),
        HTTP1Case(
            "9110 9.3.6 CONNECT with content", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 3\r\n\r\nabc", bad),
        HTTP1Case("3.2.4 asterisk", "OPTIONS * HTTP/1.1\r\n\(h)\r\n", ["OPTIONS * end", "keep"]),
        HTTP1Case(
            "3.2.4 absolute for the asterisk", "OPTIONS http://a HTTP/1.1\r\n\(h)\r\n", ["OPTIONS * end", "keep"]),
        HTTP1Case("3.2.4 asterisk for GET", "GET * HTTP/1.1\r\n\(h)\r\n", bad),
    ]

    static let fields: [HTTP1Case] = [
        HTTP1Case("5.1 space before the colon", get("Host : a\r\n"), bad),
        HTTP1Case("5.1 tab before the colon", get(h + "Content-Length\t: 3\r\n"), bad),
        HTTP1Case("5.1 no colon", get(h + "x\r\n"), bad),
        HTTP1Case("5.1 empty name", get(h + ": x\r\n"), bad),
        HTTP1Case("5.1 name that looks like a pseudo-header field", get(h + ":path: /b\r\n"), bad),
        HTTP1Case("5.1 name beyond ASCII", get(h + "X-\u{e4}: b\r\n"), bad),
        HTTP1Case("5.1 no value", get(h + "X:\r\n"), ["GET / end", "keep"]),
        HTTP1Case("5.2 folded line", get(h + "X: a\r\n b\r\n"), bad),
        HTTP1Case("5.2 line folded with a tab", get(h + "X: a\r\n\tb\r\n"), bad),
        HTTP1Case("5.2 folded Transfer-Encoding", post("Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"), bad),
        HTTP1Case("5.5 NUL in a value", get(h + "X: a\0b\r\n"), bad),
        HTTP1Case("5.5 control character in a value", get(h + "X: aaaaaaaaaaaaaaaaaaa\u{b}b\r\n"), bad),
        HTTP1Case("5.5 DEL in a value", get(h + "X: a\u{7f}\r\n"), bad),
        HTTP1Case("5.5 tab in a value", get(h + "X: a\tb\r\n"), ["GET / end", "keep"]),
        HTTP1Case("5.5 white space around a value", get("Host: \t a \t\r\n"), ["GET / end", "keep"]),
    ]

    static let framing: [HTTP1Case] = [
        HTTP1Case(
            "6.1 chunked and a length (CL.TE)", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"), bad),
        HTTP1Case(
            "6.1 a length and chunked (TE.CL)", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"), bad),
        HTTP1Case("6.1 gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n\r\n"), ["failed 501"]),
        HTTP1Case("6.1 chunked, identity", post("Transfer-Encoding: chunked, identity\r\n\r\n"), ["failed 501"]),
        HTTP1Case("6.1 xchunked", post("Transfer-Encoding: xchunked\r\n\r\n"), ["failed 501"]),
        HTTP1Case("6.1 \"chunked\"", post("Transfer-Encoding: \"chunked\"\r\n\r\n"), ["failed 501"]),
        HTTP1Case("6.1 chunked with a vertical tab", post("Transfer-Encoding: \u{b}chunked\r\n\r\n"), bad),
        HTTP1Case("6.1 empty Transfer-Encoding", post("Transfer-Encoding:\r\n\r\n"), ["failed 501"]),
        HTTP1Case(
            "6.1 two Transfer-Encodings (TE.TE)",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"), ["failed 501"]),
        HTTP1Case(
            "6.1 chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
            ["failed 501"]),
        HTTP1Case("6.1 chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", bad),
        HTTP1Case(
            "6.1 Chunked, as case does not matter", post("Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"),
            ["POST /", "end", "keep"]),
        HTTP1Case("6.3 two lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), bad),
        HTTP1Case("6.3 two different lengths", post("Content-Length: 3\r\nContent-Length: 0\r\n\r\nabc"), bad),
        HTTP1Case("6.3 length list", post("Content-Length: 3, 3\r\n\r\nabc"), bad),
        HTTP1Case("6.3 negative length", post("Content-Length: -1\r\n\r\n"), bad),
        HTTP1Case("6.3 length with a sign", post("Content-Length: +1\r\n\r\n"), bad),
        HTTP1Case("6.3 hexadecimal length", post("Content-Length: 0x3\r\n\r\n"), bad),
        HTTP1Case("6.3 empty length", post("Content-Length:\r\n\r\n"), bad),
        HTTP1Case("6.3 length beyond 64 bits", post("Content-Length: 18446744073709551619\r\n\r\nabc"), bad),
        HTTP1Case(
            "6.3 content by length, then another request",
            post("Content-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\(h)\r\n"),
            ["POST /", "content abc", "end", "keep", "GET /b end", "keep"]),
        HTTP1Case(
            "6.3 GET with content", "GET / HTTP/1.1\r\n\(h)Content-Length: 2\r\n\r\nhi",
            ["GET /", "content hi", "end", "keep"]),
        HTTP1Case("6.3 length 0", post("Content-Length: 0\r\n\r\n"), ["POST / end", "keep"]),
        HTTP1Case(
            "7.1 chunks", chunked("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"),
            ["POST /", "content abc0123456789", "end", "keep"]),
        HTTP1Case(
            "7.1.1 chunk extension", chunked("3;a=\"b\"\r\nabc\r\n0 ;x\r\n\r\n"),
            ["POST /", "content abc", "end", "keep"]),
        HTTP1Case("7.1.1 bare CR in an extension", chunked("3;a\rb\r\nabc\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1.1 bare LF in an extension", chunked("3;a\nabc\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1.1 NUL in an extension", chunked("3;\0\r\nabc\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1.2 trailers", chunked("0\r\nX-Sum: 1\r\n\r\n"), ["POST /", "end x-sum=1", "keep"]),
        HTTP1Case(
            "9110 6.5.1 Content-Length in trailers", chunked("0\r\nContent-Length: 1\r\n\r\n"),
            ["POST /", "failed 400"]),
        HTTP1Case("9110 6.5.1 Host in trailers", chunked("0\r\nHost: b\r\n\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1.2 folded trailer", chunked("0\r\nX: 1\r\n 2\r\n\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1 chunk size with a sign", chunked("+3\r\nabc\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1 chunk size -1", chunked("-1\r\nabc\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1 chunk size 0x3", chunked("0x3\r\nabc\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1 chunk size with an underscore", chunked("1_0\r\nabc\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1 space before a chunk size", chunked(" 3\r\nabc\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1 empty chunk size", chunked("\r\n\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1 white space after a chunk size", chunked("3 \r\nabc\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1 chunk size of 16 digits", chunked("ffffffffffffffff\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1 chunk size with many zeros", chunked("0000000000000003\r\nabc\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1 chunk longer than its size", chunked("3\r\nabcd\r\n"), ["POST /", "content abc", "failed 400"]),
        HTTP1Case(
            "7.1 chunk without its CR LF", chunked("3\r\nabc0\r\n\r\n"), ["POST /", "content abc", "failed 400"]),
        HTTP1Case("7.1 LF after a chunk", chunked("3\r\nabc\n0\r\n\r\n"), ["POST /", "content abc", "failed 400"]),
        HTTP1Case("7.1 bare LF after a chunk size", chunked("3\nabc\r\n"), ["POST /", "failed 400"]),
        HTTP1Case("7.1 CR and something else after a chunk size", chunked("3\rXabc\r\n"), ["POST /", "failed 400"]),
    ]

    static let connections: [HTTP1Case] = [
        HTTP1Case("9.3 Connection: close", get(h + "Connection: Close\r\n"), ["GET / end", "close"]),
        HTTP1Case(
            "9.3 close in a second Connection", get(h + "Connection: x\r\nConnection: y ,close\r\n"),
            ["GET / end", "close"]),
        HTTP1Case(
            "9.3 Connection: keep-alive in HTTP/1.0", "GET / HTTP/1.0\r\nConnection: x, Keep-Alive\r\n\r\n",
            ["GET / end", "keep"]),
        HTTP1Case("9110 7.6.1 Connection names Host", get(h + "Connection: host\r\n"), bad),
        HTTP1Case(
            "9110 7.6.1 Connection names Content-Length",
            post("Connection: Content-Length\r\nContent-Length: 3\r\n\r\nabc"), bad),
        HTTP1Case(
            "9110 7.6.1 Connection names X-Forwarded-Client-Cert", get(h + "Connection: x-forwarded-client-cert\r\n"),
            bad),
        HTTP1Case(
            "9.3.2 pipelined", get(h) + get(h) + "GET /3 HTTP/1.1\r\n\(h)Connection: close\r\n\r\n" + get(h),
            ["GET / end", "keep", "GET / end", "keep", "GET /3 end", "close"]),
        HTTP1Case(
            "9110 7.8 Upgrade to a known protocol",
            get(h + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
            ["CONNECT /"]),
        HTTP1Case(
            "9110 7.8 Upgrade to an unknown protocol is ignored",
            get(
                h
                    + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
            ),
            ["GET / end", "keep"]),
        HTTP1Case(
            "9110 7.8 Upgrade that Connection does not name", get(h + "Upgrade: websocket\r\n"), ["GET / end", "keep"]),
        HTTP1Case(
            "9110 7.8 Upgrade in HTTP/1.0 is ignored",
            "GET / HTTP/1.0\r\n\(h)Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", ["GET / end", "close"]),
        HTTP1Case(
            "9110 7.8 Upgrade with content",
            get(
                h
                    + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 1\r\n"
            ),
            bad),
        HTTP1Case("6455 4.2.1 no key", get(h + "Connection: Upgrade\r\nUpgrade: websocket\r\n"), bad),
    ]

    static let limits: [HTTP1Case] = [
        HTTP1Case("startLineBytes", "GET /0123456789 HTTP/1.1\r\n", ["failed 414"]) { $0.limits.startLineBytes = 20 },
        HTTP1Case("startLineBytes, no end in sight", "GET /0123456789012345", ["failed 414"]) {
            $0.limits.startLineBytes = 20
        },
        HTTP1Case("fieldBytes", get(h + "X: 0123456789\r\n"), ["failed 431"]) { $0.limits.fieldBytes = 15 },
        HTTP1Case("fieldBytes, no end in sight", "GET / HTTP/1.1\r\n\(h)X: 0123456789", ["failed 431"]) {
            $0.limits.fieldBytes = 15
        },
        HTTP1Case("fieldBytes, just enough", get(h + "X: 01234\r\n"), ["GET / end", "keep"]) {
            $0.limits.fieldBytes = 15
        },
        HTTP1Case("fieldCount", get(h + "X: 0\r\nY: 0\r\n"), ["failed 431"]) { $0.limits.fieldCount = 2 },
        HTTP1Case("fieldCount, fields that are not passed on count", get(h + "TE: x\r\nTE: x\r\n"), ["failed 431"]) {
            $0.limits.fieldCount = 2
        },
        HTTP1Case("fieldCount of trailers", chunked("0\r\nX: 0\r\nY: 0\r\nZ: 0\r\n\r\n"), ["POST /", "failed 431"]) {
            $0.limits.fieldCount = 2
        },
        HTTP1Case(
            "fieldBytes of trailers", chunked("0\r\nX: 01234567890123456789012345678901234567890123456789\r\n\r\n"),
            ["POST /", "failed 431"]
        ) { $0.limits.fieldBytes = 40 },
        HTTP1Case("chunkLineBytes", chunked("3;aaaaaaaaaa\r\n"), ["POST /", "failed 400"]) {
            $0.limits.chunkLineBytes = 10
        },
        HTTP1Case(
            "chunkExtensionBytes", chunked("1;aaaa\r\nx\r\n1;aaaa\r\nx\r\n"), ["POST /", "content x", "failed 400"]
        ) {
            $0.limits.chunkExtensionBytes = 8
        },
        HTTP1Case("contentBytes by length", post("Content-Length: 11\r\n\r\n"), ["failed 413"]) {
            $0.limits.contentBytes = 10
        },
        HTTP1Case("contentBytes by chunks", chunked("3\r\nabc\r\n8\r\n"), ["POST /", "content abc", "failed 413"]) {
            $0.limits.contentBytes = 10
        },
        HTTP1Case(
            "contentBytes, chunk sizes that overflow their sum", chunked("1\r\na\r\nfffffffffffffff\r\n"),
            ["POST /", "content a", "failed 413"]),
        HTTP1Case("exchanges", get(h) + get(h) + get(h), ["GET / end", "keep", "GET / end", "close"]) {
            $0.exchanges = 2
        },
    ]

    static let all = lines + targets + fields + framing + connections + limits
}
