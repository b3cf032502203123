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

    /// One that is slow is waited for as long as it takes something: here for several times the patience. That is long beside the 60 ms
    /// between two of its windows, since a machine that stands still for a moment stops the peer, too.
    @Test func aSlowPeerGetsAllOfTheLastBytes() throws {
        try onLoop { loop, done in
            loop.outputPatience = .seconds(1)
            try channelPair(loop) { client, server in
                let bytes = [UInt8](repeating: 7, count: 16 << 20)
                bytes.withUnsafeBytes { server.send($0) }
                let begun = loop.now
                server.closeAfterOutput {
                    #expect($0 == .sent)
                    #expect(loop.now - begun > loop.outputPatience * 2)
                }
                var received = 0
                client.onBytes = { bytes in
                    received += bytes.count
                    let count = bytes.count
                    loop.schedule(after: .milliseconds(20)) { client.credit(count) }
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
