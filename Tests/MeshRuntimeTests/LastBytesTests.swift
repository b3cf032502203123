import HTTPWire
import MeshRuntime
import Testing

/// What is left for the peer when a channel is over.
@Suite struct LastBytesTests {
    /// One that takes nothing of what is left for it is reset.
    @Test func aPeerThatTakesNothingOfTheLastBytesIsReset() throws {
        try onLoop { loop, done in
            loop.outputPatience = .milliseconds(50)
            try channelPair(loop) { client, server in
                let bytes = [UInt8](repeating: 7, count: 16 << 20)
                bytes.withUnsafeBytes { server.send($0) }
                let begun = loop.now
                server.closeAfterOutput { outcome in
                    #expect(outcome == .notTaken && !server.isOpen)
                    #expect(loop.now - begun >= .milliseconds(50))
                    client.onLost = { _ in done() }
                    client.onBytes = { client.credit($0.count) }
                    client.start()
                }
            }
        }
    }

    /// One that is slow is waited for as long as it takes something: here for many times the patience.
    @Test func aSlowPeerGetsAllOfTheLastBytes() throws {
        try onLoop { loop, done in
            loop.outputPatience = .milliseconds(100)
            try channelPair(loop) { client, server in
                let bytes = [UInt8](repeating: 7, count: 16 << 20)
                bytes.withUnsafeBytes { server.send($0) }
                server.closeAfterOutput { #expect($0 == .sent) }
                var received = 0
                client.onBytes = { bytes in
                    received += bytes.count
                    let count = bytes.count
                    loop.schedule(after: .milliseconds(10)) { client.credit(count) }
                }
                client.onEnd = {
                    #expect(received == bytes.count)
                    done()
                }
                client.onLost = { _ = Issue.record("\($0) after \(received) bytes") }
                client.start()
            }
        }
    }
}
