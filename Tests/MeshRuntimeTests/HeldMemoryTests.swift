import Glibc
import HTTPWire
import LinuxSystem
import MeshRuntime
import Testing

/// What connections hold for a side that does not read stays within the loop's account, and all of it arrives when that side reads.
@Suite struct HeldMemoryTests {
    /// Sends `size` bytes on a raw socket, as fast as it takes them, then ends its side.
    private func push(_ loop: EventLoop, _ connection: TCPConnection, _ size: Int, _ done: @escaping () -> Void = {}) {
        var left = size
        func step() {
            while left > 0, connection.pendingBytes == 0 {
                let count = min(left, 64 * 1024)
                guard connection.write([UInt8](repeating: 7, count: count)) else { return }
                left -= count
            }
            guard left > 0 else {
                connection.finishWriting()
                return done()
            }
            loop.schedule(after: .milliseconds(1)) { step() }
        }
        step()
    }

    /// An endpoint that takes what it may, looked at once a millisecond; its socket is not the loop's, so nothing is read for it.
    private final class Endpoint {
        let socket: CInt
        var received = 0
        var mayTake = 0
        private var hasEnded = false

        init(_ socket: CInt) { self.socket = socket }

        deinit { _ = Descriptor(taking: socket) }

        func take() {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while !hasEnded, received < mayTake {
                let count = recv(socket, &buffer, min(buffer.count, mayTake - received), CInt(MSG_DONTWAIT))
                guard count != 0 else {
                    hasEnded = true
                    _ = shutdown(socket, CInt(SHUT_WR))
                    return
                }
                guard count > 0 else { return }
                received += count
            }
        }
    }

    /// `clients` push at endpoints, over tunnels. At first the kernel takes it for those, so fast that windows grow; then nobody does, and
    /// in the end the endpoints take everything.
    private func flood(_ loop: EventLoop, memory: HeldMemory, clients: Int, size: Int, _ done: @escaping () -> Void)
        throws
    {
        loop.memory = memory
        let mesh = try TestMesh(loop)
        mesh.configuration.keepAlivePing = nil
        mesh.streamsPerTunnel = 4
        var endpoints: [Endpoint] = []
        mesh.onUpstream = { endpoints.append(Endpoint($0.release())) }
        for _ in 0..<clients { try mesh.watchedApplication { self.push(loop, $0, size) } }
        var most = 0
        var still = (held: -1, turns: 0)
        func watch() {
            for endpoint in endpoints { endpoint.take() }
            most = max(most, memory.held)
            still = memory.held == still.held ? (still.held, still.turns + 1) : (memory.held, 0)
            loop.schedule(after: .milliseconds(1)) { watch() }
        }
        watch()
        when(
            loop, { endpoints.count == clients && still.turns > 300 }
        ) {
            #expect(memory.held > 256 << 10 && most <= memory.limit, "\(memory.held), \(most) of \(memory.limit)")
            for endpoint in endpoints { endpoint.mayTake = .max }
            when(loop, { mesh.entryReports.count == clients && mesh.exitReports.count == clients }) {
                #expect(endpoints.allSatisfy { $0.received == size }, "\(endpoints.map(\.received))")
                #expect(most <= memory.limit, "\(most) of \(memory.limit)")
                #expect(memory.held == 0, "\(memory.held)")
                done()
            }
        }
    }

    @Test(arguments: [1 << 20, 4 << 20])
    func aSlowEndpointHoldsNoMoreThanTheAccount(_ limit: Int) throws {
        try onLoop(seconds: 60) { loop, done in
            try flood(loop, memory: HeldMemory(limit: limit), clients: 4, size: 32 << 20, done)
        }
    }

    /// So many that leasts alone are more than the account has: each goes on all the same.
    @Test func leastsGoRoundWhereTheAccountHasNothing() throws {
        try onLoop(seconds: 60) { loop, done in
            let memory = HeldMemory(limit: 64)
            loop.memory = memory
            let mesh = try TestMesh(loop)
            mesh.onUpstream = { socket in
                let connection = TCPConnection(loop: loop, socket: socket)
                var received = 0
                connection.read(
                    onBytes: { received += $0.count },
                    onEnd: { _ in
                        #expect(received == 1 << 20)
                        connection.finishWriting()
                    })
            }
            for _ in 0..<50 { try mesh.watchedApplication { self.push(loop, $0, 1 << 20) } }
            when(loop, { mesh.exitReports.count == 50 && mesh.entryReports.count == 50 }) {
                #expect(mesh.exitReports.allSatisfy { $0.bytesFromSecond == 1 << 20 && $0.outcome == .closed })
                #expect(memory.held == 0)
                done()
            }
        }
    }

    /// The same between two plain connections, by a relay and by channels.
    @Test(arguments: [true, false])
    func plainConnectionsHoldNoMoreThanTheAccount(_ relays: Bool) throws {
        try onLoop(seconds: 60) { loop, done in
            let memory = HeldMemory(limit: 1 << 20)
            loop.memory = memory
            let size = 2 << 20
            let listening = try Socket.listen(on: .loopback4(port: 0))
            let sink = try Socket.listen(on: .loopback4(port: 0))
            let (address, end) = (try Socket.localAddress(listening.raw), try Socket.localAddress(sink.raw))
            var taken: [TCPConnection] = []
            var most = 0
            var kept: [AnyObject] = []
            kept.append(
                try Listener(loop: loop, socket: sink) { socket, _ in
                    try? Socket.setBufferSizes(socket.raw, send: 65_536, receive: 65_536)
                    taken.append(TCPConnection(loop: loop, socket: socket))
                })
            kept.append(
                try Listener(loop: loop, socket: listening) { socket, _ in
                    let source = TCPConnection(loop: loop, socket: socket)
                    guard let out = try? Socket.tcp(for: end) else { return }
                    try? Socket.setBufferSizes(out.raw, send: 65_536, receive: 65_536)
                    TCPConnection.connect(loop: loop, socket: out, to: end, timeout: .seconds(10)) {
                        guard case .success(let target) = $0 else { return }
                        if relays {
                            kept.append(Relay.start(source, target) { _ in })
                        } else {
                            kept.append(contentsOf: Self.join(.over(source), .over(target)))
                        }
                    }
                })
            func watch() {
                most = max(most, memory.held)
                loop.schedule(after: .milliseconds(1)) { watch() }
            }
            watch()
            let count = 8
            for _ in 0..<count {
                TCPConnection.connect(
                    loop: loop, socket: try Socket.tcp(for: address), to: address, timeout: .seconds(10)
                ) {
                    if case .success(let connection) = $0 { self.push(loop, connection, size) }
                }
            }
            var received = 0
            var ended = 0
            loop.schedule(after: .milliseconds(500)) {
                #expect(memory.held > 0 && most <= memory.limit, "\(most)")
                for connection in taken {
                    connection.read(
                        onBytes: { received += $0.count },
                        onEnd: { _ in
                            ended += 1
                            connection.close()
                        })
                }
                when(loop, { ended == count }) {
                    #expect(received == count * size && most <= memory.limit && memory.held == 0)
                    #expect(memory.granted == 0)
                    _ = kept
                    done()
                }
            }
        }
    }

    /// Bytes from one channel to the other, credited when they have left.
    private static func join(_ source: ByteChannel, _ target: ByteChannel) -> [ByteChannel] {
        var owed = 0
        source.onBytes = { bytes in
            target.send(bytes)
            if target.queuedBytes == 0 { source.credit(bytes.count) } else { owed += bytes.count }
        }
        source.onEnd = { target.finish() }
        target.onRoom = {
            source.credit(owed)
            owed = 0
        }
        source.start()
        target.start()
        return [source, target]
    }
}
