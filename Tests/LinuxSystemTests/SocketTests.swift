import LinuxSystem
import Testing

@Suite struct SocketTests {
    /// Waits until `socket` is ready, at most five seconds.
    static func wait(_ socket: CInt, _ interest: EpollEvents) throws -> EpollEvents {
        let epoll = try Epoll()
        try epoll.add(socket, interest, token: 7)
        let count = try epoll.wait(milliseconds: 5000)
        try #require(count == 1)
        let (events, token) = epoll.event(0)
        #expect(token == 7)
        return events
    }

    @Test(arguments: [SocketAddress.loopback4(port: 0), SocketAddress.loopback6(port: 0)])
    func connectsAcceptsAndHalfCloses(address: SocketAddress) throws {
        let listener = try Socket.listen(on: address)
        let bound = try Socket.localAddress(listener.raw)
        let client = try Socket.tcp(for: bound)
        if try !Socket.connect(client.raw, to: bound) {
            #expect(try Self.wait(client.raw, .writable).contains(.writable))
        }
        #expect(Socket.pendingError(client.raw) == nil)
        _ = try Self.wait(listener.raw, .readable)
        guard let accepted = try Socket.accept(listener.raw) else { throw Errno.wouldBlock }
        #expect(accepted.peer == (try Socket.localAddress(client.raw)))
        let server = accepted.takeDescriptor()
        try Socket.setNoDelay(server.raw)
        try Socket.setKeepAlive(server.raw)
        #expect(try Transfer.send(client.raw, [1, 2, 3]) == .bytes(3))
        try Socket.shutdownWriting(client.raw)
        _ = try Self.wait(server.raw, .readable)
        #expect(try Transfer.receive(server.raw, upTo: 10) == [1, 2, 3])
        _ = try Self.wait(server.raw, [.readable, .peerClosed])
        #expect(try Transfer.receive(server.raw, upTo: 10) == [])
        #expect(try Transfer.send(server.raw, [4]) == .bytes(1))
        #expect(try Socket.accept(listener.raw) == nil)
    }

    @Test func dualStackListenerShowsIPv4PeersAsIPv4() throws {
        let listener = try Socket.listen(on: .any6(port: 0)) { socket throws(Errno) in
            try Socket.setV6Only(socket, false)
        }
        let port = try Socket.localAddress(listener.raw).port
        let client = try Socket.tcp(for: .loopback4(port: port))
        _ = try Socket.connect(client.raw, to: .loopback4(port: port))
        _ = try Self.wait(listener.raw, .readable)
        guard let accepted = try Socket.accept(listener.raw) else { throw Errno.wouldBlock }
        #expect(accepted.peer.isIPv4 && accepted.peer.isLoopback)
        #expect(Socket.originalDestination(accepted.descriptor.raw, local: accepted.peer) == nil)
    }

    @Test func resetReachesThePeer() throws {
        let (first, second) = try Self.tcpPair()
        try Socket.setResetOnClose(first)
        do { _ = Descriptor(taking: first) }
        let owner = Descriptor(taking: second)
        _ = try Self.wait(owner.raw, .readable)
        #expect(throws: Errno.connectionReset) { try Transfer.receive(second, upTo: 1) }
    }

    @Test func refusedConnectIsReported() throws {
        let listener = try Socket.listen(on: .loopback4(port: 0))
        let address = try Socket.localAddress(listener.raw)
        do { _ = consume listener }
        let client = try Socket.tcp(for: address)
        do throws(Errno) {
            if try !Socket.connect(client.raw, to: address) {
                _ = try? Self.wait(client.raw, .writable)
                #expect(Socket.pendingError(client.raw) == .connectionRefused)
            }
        } catch {
            #expect(error == .connectionRefused)
        }
    }

    static func tcpPair() throws -> (CInt, CInt) {
        let listener = try Socket.listen(on: .loopback4(port: 0))
        let address = try Socket.localAddress(listener.raw)
        let client = try Socket.tcp(for: address)
        _ = try Socket.connect(client.raw, to: address)
        _ = try wait(listener.raw, .readable)
        guard let accepted = try Socket.accept(listener.raw) else { throw Errno.wouldBlock }
        return (client.release(), accepted.takeDescriptor().release())
    }

    @Test func readsAndWritesVectors() throws {
        let (first, second) = try Socket.pair()
        let left = Descriptor(taking: first)
        let right = Descriptor(taking: second)
        #expect(try Transfer.send(left.raw, [UInt8](0..<10)) == .bytes(10))
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 20)
        bytes.initialize(repeating: 0xff, count: 20)
        defer { bytes.deallocate() }
        let vectors = [
            IOVector(base: UnsafeMutableRawPointer(bytes + 2), count: 4),
            IOVector(base: UnsafeMutableRawPointer(bytes + 10), count: 6),
        ]
        #expect(try Transfer.read(right.raw, into: vectors, count: 2) == .bytes(10))
        #expect(
            Array(UnsafeBufferPointer(start: bytes, count: 16))
                == [255, 255, 0, 1, 2, 3, 255, 255, 255, 255, 4, 5, 6, 7, 8, 9])
        #expect(try Transfer.send(right.raw, from: vectors, count: 2) == .bytes(10))
        #expect(try Transfer.receive(left.raw, upTo: 100) == [UInt8](0..<10))
        #expect(try Transfer.read(right.raw, into: vectors, count: 2) == .wouldBlock)
    }
}
