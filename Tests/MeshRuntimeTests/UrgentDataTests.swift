import Glibc
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
            let mesh = try TestMesh(loop)
            mesh.onUpstream = { socket in
                let connection = TCPConnection(loop: loop, socket: socket)
                connection.read(onBytes: { connection.write(Array($0)) }, onEnd: { _ in connection.finishWriting() })
            }
            try mesh.watchedApplication { connection in
                var rounds = 0
                connection.read(
                    onBytes: { _ in
                        rounds += 1
                        guard rounds < 20 else { return done() }
                        let urgent: [UInt8] = [9]
                        if let raw = mesh.clients[0].raw {
                            #expect(unsafe Glibc.send(raw, urgent, 1, CInt(MSG_OOB)) == 1)
                        }
                        connection.write([1])
                    }, onEnd: { _ in })
                connection.write([1])
            }
        }
    }
}
