import HTTPWire
import Testing

/// CONNECT, and Upgrade as extended CONNECT (RFC 8441).
@Suite struct HTTP1TunnelTests {
    /// The example of RFC 6455 section 1.3.
    private let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    private var handshake: String {
        "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
            + "Sec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: x\r\n\r\n"
    }

    @Test("a handshake becomes an extended CONNECT, and 200 becomes its 101")
    func server() throws {
        var peer = HTTP1Peer(.server)
        peer.answer = nil
        peer.feed(handshake + "early")
        var lines = peer.takeLines()
        #expect(lines == ["CONNECT /chat"], "what comes before the 101 waits")
        let fields = peer.blocks[0].fields.map { "\($0.name)=\($0.value)" }
        #expect(
            fields == [
                ":method=CONNECT", ":protocol=websocket", ":scheme=http", ":path=/chat", ":authority=a",
                "sec-websocket-key=\(key)", "sec-websocket-version=13", "sec-websocket-protocol=x",
            ])
        try peer.connection.sendHeaders(.response(status: 200), endStream: false)
        let text = peer.takeText()
        #expect(
            text == "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
                + "sec-websocket-accept: \(accept)\r\n\r\n", "the key of RFC 6455 section 1.3")
        peer.feed("")
        try peer.connection.sendData(Array("frame".utf8), endStream: true)
        let written = peer.takeText()
        let ended = peer.connection.hasEndedTunnel
        #expect(written == "frame" && ended, "no framing in a tunnel")
        peer.close()
        lines = peer.takeLines()
        let closing = peer.connection.isClosing
        #expect(lines == ["content early", "end"] && closing)
    }

    @Test("a refused handshake is an ordinary response, and the connection stays")
    func refused() throws {
        var peer = HTTP1Peer(.server)
        peer.feed(handshake)
        try peer.connection.sendHeaders(.response(status: 403), endStream: true)
        let (text, idle) = (peer.takeText(), peer.connection.isIdle)
        #expect(text == "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n" && idle)
    }

    private func extendedConnect(_ more: [(String, String)] = []) -> HTTPFieldBlock {
        var block = HTTPFieldBlock.connect(authority: "a")
        for (name, value) in [(":protocol", "websocket"), (":scheme", "http"), (":path", "/chat")] + more {
            block.append(name: name, value: value)
        }
        return block
    }

    @Test("an extended CONNECT becomes a handshake with a key of its own, whose answer is checked")
    func client() throws {
        var configuration = HTTP1Configuration()
        configuration.webSocketSeed = 7
        var peer = HTTP1Peer(.client, configuration)
        try peer.connection.sendHeaders(extendedConnect(), endStream: false)
        let text = peer.takeText()
        #expect(text.hasPrefix("GET /chat HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nsec-websocket-key: "))
        #expect(text.hasSuffix("==\r\nconnection: Upgrade\r\n\r\n"))
        #expect(throws: HTTP1WriteError.state, "not before the 101") {
            try peer.connection.sendData([1], endStream: false)
        }
        peer.feed(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n"
        )
        let lines = peer.takeLines()
        #expect(lines == ["failed \(HTTP1ParseError.upgrade)"], "an answer to another key")
    }

    @Test("the key of an HTTP/1.1 client goes through, and so does the answer")
    func through() throws {
        var server = HTTP1Peer(.server)
        server.answer = nil
        server.feed(handshake)
        var client = HTTP1Peer(.client)
        let request = server.blocks[0]
        try client.connection.sendHeaders(request, endStream: false)
        let text = client.takeText()
        #expect(text.contains("\r\nsec-websocket-key: \(key)\r\n"))
        client.feed(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Accept: own\r\n\r\nhello"
        )
        var lines = client.takeLines()
        #expect(lines == ["200", "content hello"])
        let response = client.blocks[0]
        try server.connection.sendHeaders(response, endStream: false)
        let answer = server.takeText()
        #expect(answer.contains("\r\nsec-websocket-accept: own\r\n") && !answer.contains(accept))
        client.close()
        try client.connection.sendData([], endStream: true)
        lines = client.takeLines()
        let closing = client.connection.isClosing
        #expect(lines == ["end"] && closing)
    }

    @Test(
        "an answer that is not the switch that was asked for",
        arguments: [
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        ])
    func wrongAnswer(_ answer: String) throws {
        var peer = HTTP1Peer(.client)
        try peer.connection.sendHeaders(extendedConnect([("sec-websocket-key", key)]), endStream: false)
        peer.feed(answer)
        let lines = peer.takeLines()
        #expect(lines == ["failed \(HTTP1ParseError.upgrade)"])
    }

    @Test("a refusal of the upgrade is passed on")
    func refusedUpstream() throws {
        var peer = HTTP1Peer(.client)
        try peer.connection.sendHeaders(extendedConnect([("sec-websocket-key", key)]), endStream: false)
        peer.feed("HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nno")
        let (lines, idle) = (peer.takeLines(), peer.connection.isIdle)
        #expect(lines == ["426", "content no", "end"] && idle)
    }

    @Test("9110 9.3.6 CONNECT")
    func connect() throws {
        var server = HTTP1Peer(.server)
        server.feed("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n\u{16}\u{3}")
        try server.connection.sendHeaders(.response(status: 200), endStream: false)
        server.feed("")
        var (lines, text) = (server.takeLines(), server.takeText())
        #expect(lines == ["CONNECT a:1", "content \u{16}\u{3}"] && text == "HTTP/1.1 200 OK\r\n\r\n")
        var refused = HTTP1Peer(.server)
        refused.feed("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nGET /evil HTTP/1.1\r\nHost: a\r\n\r\n")
        try refused.connection.sendHeaders(.response(status: 403), endStream: true)
        refused.feed("")
        (lines, text) = (refused.takeLines(), refused.takeText())
        #expect(
            lines == ["CONNECT a:1"] && text.contains("connection: close"), "what was meant for a tunnel is no request")
        var client = HTTP1Peer(.client)
        try client.connection.sendHeaders(.connect(authority: "a:1"), endStream: false)
        client.feed("HTTP/1.1 200 Connection Established\r\nContent-Length: 5\r\n\r\nhi")
        lines = client.takeLines()
        #expect(lines == ["200", "content hi"], "a tunnel has no length")
    }
}
