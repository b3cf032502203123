import Glibc
import HTTPWire
import LinuxSystem
import Testing

@testable import MeshRuntime

/// A byte that TCP calls urgent stops a read where it stands; what follows must be read all the same, without a word of the kernel.
/// The byte itself is not of the stream, and is left out as the kernel does.
@Suite struct UrgentDataTests {
    private static func sendAround(_ socket: CInt) {
        let urgent: [UInt8] = [9]
        #expect((try? Transfer.send(socket, [1, 2, 3])) == .bytes(3))
        #expect(unsafe Glibc.send(socket, urgent, 1, CInt(MSG_OOB)) == 1)
        #expect((try? Transfer.send(socket, [4, 5])) == .bytes(2))
    }

    @Test func aChannelReadsOn() throws {
        try onLoop { loop, done in
            let listening = try Socket.listen(on: .loopback4(port: 0))
            let client = try Socket.tcp(for: try Socket.localAddress(listening.raw))
            _ = try Socket.connect(client.raw, to: try Socket.localAddress(listening.raw))
            let sender = client.release()
            var listener: Listener?
            listener = try Listener(loop: loop, socket: listening) { socket, peer in
                listener?.close()
                Self.sendAround(sender)
                let channel = ByteChannel.over(TCPConnection(loop: loop, socket: socket, peer: peer))
                var received: [UInt8] = []
                channel.onBytes = { received += Array($0) }
                // All of it is there before anything is read.
                loop.schedule(after: .milliseconds(20)) { channel.start() }
                when(loop, { received == [1, 2, 3, 4, 5] }) {
                    // And once more, as the connection must not take it for a one-off.
                    received = []
                    Self.sendAround(sender)
                    when(loop, { received == [1, 2, 3, 4, 5] }) {
                        let turns = loop.turns
                        loop.schedule(after: .milliseconds(20)) {
                            #expect(loop.turns - turns < 5, "it spins")
                            channel.close(reset: false)
                            _ = Descriptor(taking: sender)
                            done()
                        }
                    }
                }
            }
        }
    }

    @Test func aRelayReadsOn() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            var received: [UInt8] = []
            mesh.onUpstream = { socket in
                let connection = TCPConnection(loop: loop, socket: socket)
                connection.read(onBytes: { received += Array($0) }, onEnd: { _ in connection.close() })
            }
            let application = try mesh.application().release()
            loop.schedule(after: .milliseconds(1)) { Self.sendAround(application) }
            when(loop, { received == [1, 2, 3, 4, 5] }) {
                _ = Descriptor(taking: application)
                done()
            }
        }
    }

    /// Somebody on the way may set the mark in what is TLS.
    @Test func aTunnelReadsOn() throws {
        try onLoop { loop, done in
            let hop = StallingHop(loop)
            hop.forward = { far, bytes in
                let urgent: [UInt8] = [9]
                far.write(Array(bytes.prefix(bytes.count / 2)))
                #expect(unsafe Glibc.send(far.raw, urgent, 1, CInt(MSG_OOB)) == 1)
                far.write(Array(bytes.dropFirst(bytes.count / 2)))
            }
            var configuration = HTTP2Configuration()
            // Its PING would free what stands still.
            configuration.keepAlivePing = nil
            var received = 0
            try tunnelPair(loop, configuration, hop: hop.listen) { stream in
                stream.receiveMessages(onData: { received += $0.count }, onEnd: { _ in done() })
            } ready: { tunnel in
                let stream = tunnel.open(
                    .request(method: "POST", scheme: "https", authority: "a", path: "/"), onResponse: { _, _, _ in },
                    onEnd: { _, _ in })
                stream?.receiveMessages(onData: { _ in }, onEnd: { _ in })
                func send(_ left: Int) {
                    stream?.send([UInt8](repeating: 1, count: 100), endStream: left == 1)
                    if left > 1 { when(loop, { received == (21 - left) * 100 }) { send(left - 1) } }
                }
                send(20)
            }
        }
    }
}
