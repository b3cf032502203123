import HTTPWire
import LinuxSystem
import MeshRuntime
import NodeCore
import Testing

@testable import WaypointCore

/// How connections of clients end: whole responses arrive, and nobody is waited for without a bound.
@Suite struct ExchangeEndTests {
    private static let length = 150_000
    /// More than windows and buffers hold together.
    private static let longLength = 3_000_000

    /// Answers each request with `length` bytes at once.
    private static func answer(_ connection: TCPConnection) { answer(connection, length: length) }

    private static func answer(_ connection: TCPConnection, length: Int) {
        var head = ""
        connection.read(
            onBytes: { bytes in
                head += String(decoding: bytes, as: UTF8.self)
                guard head.hasSuffix("\r\n\r\n") else { return }
                head = ""
                connection.write(Array("HTTP/1.1 200 OK\r\ncontent-length: \(length)\r\n\r\n".utf8))
                connection.write([UInt8](repeating: 7, count: length))
            }, onEnd: { _ in connection.close() })
    }

    /// A client of HTTP/1.1 that sends `request`.
    private func serve(_ waypoint: TestWaypoint, _ client: TestClient, _ request: String, onOver: @escaping () -> Void)
    {
        HTTP1Exchange(worker: waypoint.worker, channel: client.channel, client: waypoint.client()).begin(
            with: [], onOver: onOver)
        client.channel.start()
        client.send(request)
    }

    @Test func aClientOfHTTP1ThatTakesNothingOfTheLastBytesIsReset() throws {
        try onLoop { loop, done in
            loop.outputPatience = .milliseconds(100)
            let waypoint = try TestWaypoint(loop, application: Self.answer)
            let client = try TestClient(loop)
            client.isReading = false
            let begun = loop.now
            serve(waypoint, client, "GET / HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n") {
                #expect(loop.now - begun >= .milliseconds(100) && !client.channel.isOpen)
                #expect(waypoint.rejections(.unreadOutput) == 1)
                done()
            }
        }
    }

    @Test func aClientOfHTTP1ThatIsSlowGetsItsResponse() throws {
        try onLoop { loop, done in
            let waypoint = try TestWaypoint(loop, application: Self.answer)
            let client = try TestClient(loop)
            client.isReading = false
            var isOver = false
            serve(waypoint, client, "GET / HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n") {
                isOver = true
            }
            loop.schedule(after: .milliseconds(200)) {
                #expect(!isOver)
                client.isReading = true
                when(loop, { isOver && client.hasEnded }) {
                    #expect(client.received.suffix(Self.length) == [UInt8](repeating: 7, count: Self.length)[...])
                    #expect(waypoint.rejections(.unreadOutput) == 0)
                    done()
                }
            }
        }
    }

    /// It would hold the connection to the endpoint, whose content waits behind what the client does not take.
    @Test func aClientOfHTTP1ThatTakesNothingOfItsResponseIsReset() throws {
        try onLoop { loop, done in
            let limit = Duration.milliseconds(200)
            let waypoint = try TestWaypoint(loop, idleTimeout: limit) { Self.answer($0, length: Self.longLength) }
            let client = try TestClient(loop)
            client.isReading = false
            let begun = loop.now
            serve(waypoint, client, "GET / HTTP/1.1\r\nhost: web\r\n\r\n") {
                #expect(loop.now - begun >= limit && !client.channel.isOpen)
                #expect(waypoint.rejections(.stalledResponse) == 1)
                done()
            }
        }
    }

    /// Nobody asks a second endpoint for a tunnel's bytes.
    @Test func aTunnelKeepsNoCopyOfWhatItHasCarried() throws {
        try onLoop { loop, done in
            var carried = 0
            let waypoint = try TestWaypoint(loop) { connection in
                connection.read(
                    onBytes: { bytes in
                        guard bytes.starts(with: "GET".utf8) else { return carried += bytes.count }
                        connection.write(
                            Array(
                                ("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
                                    + "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n").utf8))
                    }, onEnd: { _ in connection.close() })
            }
            let client = try TestClient(loop)
            serve(
                waypoint, client,
                "GET / HTTP/1.1\r\nhost: web\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
                    + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            ) {
            }
            when(loop, { client.received.starts(with: "HTTP/1.1 101".utf8) }) {
                client.send([UInt8](repeating: 5, count: Self.length))
                when(loop, { carried == Self.length }) {
                    #expect(waypoint.worker.memory.held == 0 && client.channel.isOpen)
                    done()
                }
            }
        }
    }

    /// By HTTP/2 the stream ends alone, and the connection goes on.
    @Test func aStreamOfWhichTheClientTakesNothingIsReset() throws {
        try onLoop { loop, done in
            let waypoint = try TestWaypoint(loop, idleTimeout: .milliseconds(200)) {
                Self.answer($0, length: Self.longLength)
            }
            let client = try TestClient(loop)
            client.isReading = false
            let speaker = asked(waypoint, client) { _ = Issue.record("the connection ended") }
            when(loop, { waypoint.rejections(.stalledResponse) == 1 }) {
                client.isReading = true
                when(loop, { speaker.resets == 1 }) {
                    #expect(client.channel.isOpen)
                    done()
                }
            }
        }
    }

    /// Whoever takes a little now and then is waited for, here for several times the limit.
    @Test func aClientThatTakesALittleOfItsResponseGetsAllOfIt() throws {
        try onLoop { loop, done in
            let waypoint = try TestWaypoint(loop, idleTimeout: .seconds(1)) {
                Self.answer($0, length: Self.longLength)
            }
            let client = try TestClient(loop)
            client.isReading = false
            client.onBytes = { _ in client.isReading = false }
            serve(waypoint, client, "GET / HTTP/1.1\r\nhost: web\r\n\r\n") {
                Issue.record("the connection ended")
            }
            let begun = loop.now
            func sip() {
                guard client.received.count < Self.longLength else {
                    #expect(loop.now - begun > .seconds(3))
                    #expect(waypoint.rejections(.stalledResponse) == 0)
                    return done()
                }
                client.isReading = true
                loop.schedule(after: .milliseconds(50)) { sip() }
            }
            sip()
        }
    }

    /// The client's side of HTTP/2, which answers what the protocol asks for.
    private final class Speaker {
        let client: TestClient
        private var http: HTTP2Connection
        private(set) var content = 0
        private(set) var goAways = 0
        private(set) var resets = 0
        private(set) var heads = 0

        init(_ client: TestClient) {
            self.client = client
            var configuration = HTTP2Configuration()
            configuration.initialStreamWindow = 1 << 20
            configuration.connectionWindow = 1 << 20
            configuration.keepAlivePing = nil
            http = HTTP2Connection(role: .client, configuration: configuration, now: client.loop.now)
            client.onBytes = { [unowned self] bytes in
                var events: [HTTP2Event] = []
                bytes.withUnsafeBytes { http.receive($0, now: client.loop.now, events: &events) }
                for event in events {
                    if case .data(_, let range, _) = event { content += range.count }
                    if case .headers = event { heads += 1 }
                    if case .goAway = event { goAways += 1 }
                    if case .reset = event { resets += 1 }
                }
                flush()
            }
            flush()
        }

        func get() {
            _ = http.openStream(
                .request(method: "GET", scheme: "http", authority: "web", path: "/"), endStream: true)
            flush()
        }

        /// Sends content of `length` bytes, perhaps to take it back at once.
        func post(length: Int, isReset: Bool = false) throws {
            let opened = http.openStream(
                .request(method: "POST", scheme: "http", authority: "web", path: "/"), endStream: false)
            let id = try #require(opened)
            flush()
            let granted = http.reserveData(id, upTo: length)
            #expect(granted == length)
            var frame = [UInt8](repeating: 5, count: HTTP2Connection.dataFrameHeaderLength + length)
            frame.withUnsafeMutableBytes {
                if let base = $0.baseAddress {
                    HTTP2Connection.writeDataFrameHeader(length: length, endStream: !isReset, stream: id, into: base)
                }
            }
            client.send(frame)
            http.didSendData(id, byteCount: length, endStream: !isReset)
            if isReset { http.reset(id, .cancel) }
            flush()
        }

        private func flush() { http.drainOutput { client.send(Array($0)) } }
    }

    /// A client of HTTP/2 that has made one request.
    private func asked(_ waypoint: TestWaypoint, _ client: TestClient, onOver: @escaping () -> Void) -> Speaker {
        let speaker = Speaker(client)
        HTTP2Exchange(worker: waypoint.worker, channel: client.channel, client: waypoint.client()).begin(
            with: [], onOver: onOver)
        client.channel.start()
        speaker.get()
        return speaker
    }

    /// Heads need no window. Requests that come while a megabyte of them is unread wait, with their content, and are all answered.
    @Test func requestsOfAClientThatDoesNotReadWait() throws {
        try onLoop { loop, done in
            var requests = 0
            var content = 0
            let waypoint = try TestWaypoint(loop) { connection in
                connection.read(
                    onBytes: { bytes in
                        content += bytes.count { $0 == 5 }
                        guard bytes.starts(with: "GET".utf8) || bytes.starts(with: "POST".utf8) else { return }
                        requests += 1
                        let field = String(repeating: "v", count: 20_000)
                        connection.write(
                            Array("HTTP/1.1 200 OK\r\nx: \(field)\r\ncontent-length: 0\r\n\r\n".utf8))
                    }, onEnd: { _ in connection.close() })
            }
            let client = try TestClient(loop)
            client.isReading = false
            let speaker = asked(waypoint, client) { _ = Issue.record("the connection ended") }
            for _ in 0..<69 { speaker.get() }
            when(loop, { client.channel.queuedBytes > HTTP2Session.unreadLimit && requests == 70 }) {
                for _ in 0..<10 { speaker.get() }
                do {
                    try speaker.post(length: 1_000, isReset: true)
                    try speaker.post(length: 1_000)
                } catch { Issue.record(error) }
                // What waits asks for nothing, in a hundred turns.
                loop.schedule(after: .milliseconds(100)) {
                    #expect(requests == 70)
                    client.isReading = true
                    when(loop, { speaker.heads == 81 }) {
                        #expect(requests == 81 && content == 1_000)
                        done()
                    }
                }
            }
        }
    }

    /// One without a stream ends when the PING behind its GOAWAY is answered: no stream's end tells of that.
    @Test func aConnectionOfHTTP2EndsWhenTheLastPingIsAnswered() throws {
        try onLoop { loop, done in
            let waypoint = try TestWaypoint(loop, application: Self.answer)
            let client = try TestClient(loop)
            var isOver = false
            let speaker = asked(waypoint, client) { isOver = true }
            when(loop, { speaker.content == Self.length }) {
                waypoint.worker.drain {}
                when(loop, { isOver && client.hasEnded }) {
                    // The warning, the last word, and that of the close.
                    #expect(speaker.goAways >= 2)
                    done()
                }
            }
        }
    }

    /// The last response waits for its client when the connection is drained.
    @Test func aDrainedConnectionOfHTTP2DeliversItsTail() throws {
        try onLoop { loop, done in
            var held: TCPConnection?
            let waypoint = try TestWaypoint(loop) { connection in
                connection.read(onBytes: { _ in held = connection }, onEnd: { _ in connection.close() })
            }
            let client = try TestClient(loop)
            var isOver = false
            let speaker = asked(waypoint, client) { isOver = true }
            when(loop, { held != nil }) {
                waypoint.worker.drain {}
                when(loop, { speaker.goAways == 2 }) {
                    client.isReading = false
                    held?.write(Array("HTTP/1.1 200 OK\r\ncontent-length: \(Self.length)\r\n\r\n".utf8))
                    held?.write([UInt8](repeating: 7, count: Self.length))
                    loop.schedule(after: .milliseconds(200)) {
                        #expect(!isOver && client.channel.queuedBytes > 0)
                        client.isReading = true
                        when(loop, { isOver && client.hasEnded }) {
                            #expect(speaker.content == Self.length)
                            done()
                        }
                    }
                }
            }
        }
    }
}
