import HTTPWire
import MeshRuntime
import Testing

@testable import WaypointCore

/// An endpoint's ztunnel, or a waypoint before it, that says all it has, the end and a reset with NO_ERROR at once.
@Suite struct TunnelledEndpointTests {
    /// More than the kernel takes for a client that does not read.
    private static let length = 150_000

    private static func say(_ head: String, on stream: TunnelStream) {
        let channel = ByteChannel.over(stream)
        channel.onBytes = { bytes in
            channel.credit(bytes.count)
            channel.send(head)
            [UInt8](repeating: 7, count: length).withUnsafeBytes { channel.send($0) }
            // All of it has left by then.
            #expect(channel.queuedBytes == 0)
            channel.finish()
            channel.close(reset: false)
        }
        channel.start()
    }

    /// A response that the end delimits is whole.
    @Test func aResponseUntilTheEndIsWhole() throws {
        try onLoop { loop, done in
            let waypoint = try TestWaypoint(
                loop,
                endpoint: .tunnelled { Self.say("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", on: $0) })
            // Without an account windows are large from the start.
            loop.memory = nil
            let client = try TestClient(loop)
            HTTP1Exchange(worker: waypoint.worker, channel: client.channel, client: waypoint.client()).begin(with: []) {
                when(loop, { client.hasEnded }) {
                    let text = String(decoding: client.received, as: UTF8.self)
                    #expect(text.hasPrefix("HTTP/1.1 200") && text.hasSuffix("0\r\n\r\n"), "\(text.prefix(300))")
                    #expect(client.received.count { $0 == 7 } == Self.length)
                    done()
                }
            }
            client.channel.start()
            client.send("GET / HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n")
        }
    }

    /// Bytes that are carried as they are all arrive, however slow the client is, and then the connection ends, though the client has
    /// not ended it.
    @Test func carriedBytesArriveAndTheConnectionEnds() throws {
        try onLoop { loop, done in
            let waypoint = try TestWaypoint(loop, endpoint: .tunnelled { Self.say("", on: $0) }, isHTTP: false)
            loop.memory = nil
            let client = try TestClient(loop)
            client.isReading = false
            var isOver = false
            ByteRelay(worker: waypoint.worker, channel: client.channel, client: waypoint.client()).begin(
                with: [], hasEnded: false
            ) { isOver = true }
            client.channel.start()
            client.send("hello")
            loop.schedule(after: .milliseconds(200)) {
                #expect(!isOver)
                client.isReading = true
                when(loop, { isOver && client.hasEnded }) {
                    #expect(client.received.count == Self.length)
                    done()
                }
            }
        }
    }
}
