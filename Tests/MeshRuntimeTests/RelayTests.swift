import HTTPWire
import LinuxSystem
import MeshRuntime
import Testing

/// Bytes through both ends of a tunnel: Z 2.6.
@Suite struct RelayTests {
    @Test func echoesAndEndsInOrder() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            mesh.onUpstream = { socket in
                let connection = TCPConnection(loop: loop, socket: socket)
                connection.read(
                    onBytes: { connection.write(Array($0)) }, onEnd: { _ in connection.finishWriting() })
            }
            var received: [UInt8] = []
            try mesh.watchedApplication { connection in
                connection.write(Array("hello".utf8))
                connection.finishWriting()
                connection.read(
                    onBytes: { received.append(contentsOf: $0) },
                    onEnd: { error in
                        #expect(error == nil)
                        #expect(received == Array("hello".utf8))
                        when(loop, { mesh.entryReports.count == 1 && mesh.exitReports.count == 1 }) {
                            #expect(mesh.entryReports[0].outcome == .closed && mesh.exitReports[0].outcome == .closed)
                            #expect(
                                mesh.entryReports[0].bytesFromFirst == 5 && mesh.entryReports[0].bytesFromSecond == 5)
                            #expect(mesh.clients[0].activeStreams == 0 && mesh.servers[0].activeStreams == 0)
                            done()
                        }
                    })
            }
        }
    }

    /// The server ends first and goes on reading: the other half of half-close.
    @Test func serverEndsFirst() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            var upstreamGot: [UInt8] = []
            mesh.onUpstream = { socket in
                let connection = TCPConnection(loop: loop, socket: socket)
                connection.write([1, 2, 3])
                connection.finishWriting()
                connection.read(
                    onBytes: { upstreamGot.append(contentsOf: $0) },
                    onEnd: { error in
                        #expect(error == nil)
                        #expect(upstreamGot == [9, 8])
                        connection.close()
                        when(loop, { mesh.exitReports.count == 1 }) {
                            #expect(mesh.exitReports[0].outcome == .closed)
                            done()
                        }
                    })
            }
            var received: [UInt8] = []
            try mesh.watchedApplication { connection in
                connection.read(
                    onBytes: { received.append(contentsOf: $0) },
                    onEnd: { error in
                        #expect(error == nil && received == [1, 2, 3])
                        connection.write([9, 8])
                        connection.finishWriting()
                    })
            }
        }
    }

    @Test func resetOfTheApplicationReachesTheServer() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            mesh.onUpstream = { socket in
                let connection = TCPConnection(loop: loop, socket: socket)
                connection.read(
                    onBytes: { _ in },
                    onEnd: { error in
                        #expect(error == .connectionReset)
                        connection.close()
                        #expect(mesh.entryReports.map(\.outcome) == [.resetByFirst])
                        #expect(mesh.exitReports.map(\.outcome) == [.resetBySecond])
                        done()
                    })
            }
            try mesh.watchedApplication { connection in
                connection.write([1])
                when(
                    loop,
                    { mesh.relays.count == 2 && mesh.relays[0].bytesFromSecond + mesh.relays[1].bytesFromSecond == 1 }
                ) {
                    connection.reset()
                }
            }
        }
    }

    @Test func resetOfTheServerReachesTheApplication() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            mesh.onUpstream = { socket in
                let connection = TCPConnection(loop: loop, socket: socket)
                connection.read(onBytes: { _ in connection.reset() }, onEnd: { _ in })
            }
            try mesh.watchedApplication { connection in
                connection.write([1])
                connection.read(
                    onBytes: { _ in },
                    onEnd: { error in
                        #expect(error == .connectionReset)
                        connection.close()
                        when(loop, { mesh.exitReports.count == 1 }) {
                            #expect(mesh.exitReports.map(\.outcome) == [.resetByFirst])
                            #expect(mesh.entryReports.map(\.outcome) == [.resetBySecond])
                            done()
                        }
                    })
            }
        }
    }

    @Test func refusedUpstreamIsAnAnswerNotAHang() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            mesh.listeners[0].close()
            try mesh.watchedApplication { connection in
                connection.read(
                    onBytes: { _ in },
                    onEnd: { error in
                        #expect(error == .connectionReset)
                        connection.close()
                        when(loop, { mesh.clients[0].activeStreams == 0 && mesh.servers[0].activeStreams == 0 }) {
                            done()
                        }
                    })
            }
        }
    }

    /// 256 MiB each way at once, checked byte by byte.
    @Test func bulkArrivesUnchangedBothWays() throws {
        let total = 256 << 20
        try onLoop(seconds: 120) { loop, done in
            let mesh = try TestMesh(loop)
            var ends: [BulkEnd] = []
            func begin(_ connection: TCPConnection, seed: UInt64, expecting: UInt64) {
                ends.append(
                    BulkEnd(loop, connection, seed: seed, expecting: expecting, total: total) {
                        guard ends.count == 2, ends.allSatisfy(\.isComplete) else { return }
                        done()
                    })
            }
            mesh.onUpstream = { begin(TCPConnection(loop: loop, socket: $0), seed: 11, expecting: 22) }
            try mesh.watchedApplication { begin($0, seed: 22, expecting: 11) }
        }
    }

    /// A receiver that does not read: what is held is bounded by the stream's window, the sender is stopped.
    @Test func slowReaderBoundsMemory() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            mesh.socketBuffer = 65_536
            mesh.configuration.initialStreamWindow = 1 << 20
            var stalled: CInt = -1
            mesh.onUpstream = { stalled = $0.release() }
            let application = try mesh.application().release()
            let block = [UInt8](repeating: 5, count: 65_536)
            var sent = 0
            var idleRounds = 0
            func push() {
                var moved = false
                while case .bytes(let count)? = try? Transfer.send(application, block) {
                    sent += count
                    moved = true
                }
                idleRounds = moved ? 0 : idleRounds + 1
                guard idleRounds > 100, stalled >= 0 else {
                    loop.schedule(after: .milliseconds(2)) { push() }
                    return
                }
                // Window + kernel buffers at both ends, and not much more.
                #expect(sent > 1 << 20)
                #expect(sent < 4 << 20)
                #expect(mesh.relays.count == 2)
                var got = 0
                func drain() {
                    while let bytes = try? Transfer.receive(stalled, upTo: 262_144), !bytes.isEmpty {
                        got += bytes.count
                    }
                    if got < sent {
                        loop.schedule(after: .milliseconds(1)) { drain() }
                    } else {
                        _ = Descriptor(taking: stalled)
                        _ = Descriptor(taking: application)
                        done()
                    }
                }
                drain()
            }
            push()
        }
    }

    @Test func terminateCutsBothSides() throws {
        try onLoop { loop, done in
            let mesh = try TestMesh(loop)
            var ends = 0
            func ended(_ error: Errno?) {
                #expect(error == .connectionReset)
                ends += 1
                guard ends == 2 else { return }
                #expect(mesh.entryReports.map(\.outcome) == [.terminated])
                done()
            }
            mesh.onUpstream = { socket in
                let connection = TCPConnection(loop: loop, socket: socket)
                connection.read(
                    onBytes: { _ in },
                    onEnd: {
                        ended($0); connection.close()
                    })
            }
            try mesh.watchedApplication { connection in
                connection.read(
                    onBytes: { _ in },
                    onEnd: {
                        ended($0); connection.close()
                    })
                when(loop, { mesh.relays.count == 2 }) { mesh.relays[1].terminate(reset: true) }
            }
        }
    }
}
