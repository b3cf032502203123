import HTTPWire
import LinuxSystem
import MeshRuntime
import TLSEngine
import Testing

/// The ends of channels: whoever waits is told, and nothing that was complete is lost.
@Suite struct ChannelEndTests {
    // MARK: the last word of TLS

    /// `finish` queues the close_notify: who waits until that has left must hear of it, though nothing else was sent since.
    @Test func aFinishedTLSChannelSaysWhenItsLastWordHasLeft() throws {
        let contexts = try PublicPair.shared.get()
        try onLoop { loop, done in
            try channelPair(loop) { below, above in
                TLSChannel.accept(over: above, selection: { _ in .use(contexts.server) }, timeout: .seconds(10)) {
                    guard case .success(let server) = $0 else { return }
                    server.onBytes = { server.credit($0.count) }
                    server.start()
                }
                TLSChannel.connect(
                    over: below, context: contexts.client, serverName: "localhost", names: .any, protocols: [],
                    timeout: .seconds(10)
                ) {
                    guard case .success(let client) = $0 else { return }
                    client.start()
                    client.onRoom = {
                        client.onRoom = {
                            #expect(client.queuedBytes == 0)
                            done()
                        }
                        loop.schedule(after: .milliseconds(1)) {
                            client.finish()
                            #expect(client.queuedBytes > 0)
                        }
                    }
                    client.send("said")
                }
            }
        }
    }
}
