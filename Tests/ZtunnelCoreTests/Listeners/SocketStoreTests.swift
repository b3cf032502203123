import LinuxSystem
import NodeCore
import Testing
import ZtunnelCore

/// Sockets of this process's own network namespace, on ports that the kernel chooses.
@Suite struct SocketStoreTests {
    private struct Opened {
        let name: SocketName
        let handover: SocketHandover
    }

    private func open() throws -> Opened {
        let socket = try Socket.listen(on: .loopback4(port: 0))
        let namespace = try #require(NetworkNamespace.own)
        let name = SocketName.ip(namespace: namespace.inode, .tcp, try Socket.localAddress(socket.raw))
        return Opened(name: name, handover: SocketHandover(socket))
    }

    private func address(_ name: SocketName) throws -> SocketAddress {
        guard case .ip(_, _, let address) = name else { throw Errno.invalidArgument }
        return address
    }

    @Test func aSocketIsMadeOnceAndSharedByItsHandles() throws {
        let made = try open()
        let store = SocketStore()
        var openings = 0
        let make = { () throws(Errno) -> Descriptor in
            openings += 1
            guard let socket = made.handover.take() else { throw .badDescriptor }
            return socket
        }
        let first = try store.socket(made.name, make: make)
        let second = try store.socket(made.name, make: make)
        let numbers = [first.raw, second.raw]
        let bound = try Socket.localAddress(second.raw)
        let wanted = try address(made.name)
        #expect(openings == 1)
        #expect(numbers[0] != numbers[1])
        #expect(bound == wanted)
        #expect(store.counters.held == 1)
    }

    @Test func anInheritedSocketIsAdoptedAndNotMadeAnew() throws {
        let inherited = try open()
        let store = SocketStore(inherited: [inherited.name: inherited.handover])
        let socket = try store.socket(inherited.name) { () throws(Errno) in throw .addressInUse }
        let bound = try Socket.localAddress(socket.raw)
        let wanted = try address(inherited.name)
        #expect(bound == wanted)
        #expect(store.counters.held == 1 && store.counters.adopted == 1 && store.counters.stale == 0)
    }

    /// The name of another network namespace, and the name of another port.
    @Test func aSocketThatIsNotWhatItsNameSaysIsClosedAndMadeAnew() throws {
        let inherited = try open()
        let wanted = try address(inherited.name)
        let foreign = SocketName.ip(namespace: 1, .tcp, wanted)
        let other = SocketName.ip(namespace: try #require(NetworkNamespace.own).inode, .tcp, .loopback4(port: 9))
        for name in [foreign, other] {
            let copy = try open()
            let store = SocketStore(inherited: [name: copy.handover])
            let fresh = try open()
            let made = try store.socket(name) { () throws(Errno) in
                guard let socket = fresh.handover.take() else { throw .badDescriptor }
                return socket
            }
            #expect(store.counters.held == 1 && store.counters.adopted == 0 && store.counters.stale == 1)
            #expect(refuses(try address(copy.name)))
            withExtendedLifetime(made.lease) {}
        }
    }

    @Test func theLastLeaseClosesTheSocket() throws {
        let made = try open()
        let wanted = try address(made.name)
        let store = SocketStore(inherited: [made.name: made.handover])
        func useTwice() throws {
            let first = try store.socket(made.name) { () throws(Errno) in throw .addressInUse }.handOver()
            let second = try store.socket(made.name) { () throws(Errno) in throw .addressInUse }.handOver()
            _ = first.take()
            #expect(!refuses(wanted))
            withExtendedLifetime((first, second)) {}
        }
        try useTwice()
        #expect(store.counters.held == 0)
        #expect(refuses(wanted))
    }

    @Test func whatNobodyClaimsIsDropped() throws {
        let one = try open()
        let other = try open()
        let store = SocketStore(inherited: [one.name: one.handover, other.name: other.handover])
        let kept = try store.socket(one.name) { () throws(Errno) in throw .addressInUse }
        #expect(store.dropUnclaimed() == [other.name])
        #expect(refuses(try address(other.name)))
        #expect(!refuses(try address(one.name)))
        #expect(store.dropUnclaimed() == [])
        withExtendedLifetime(kept.lease) {}
    }

    @Test func handedOverSocketsOutliveTheStore() throws {
        let made = try open()
        let store = SocketStore(inherited: [made.name: made.handover])
        let used = try store.socket(made.name) { () throws(Errno) in throw .addressInUse }.handOver()
        let copies = try store.handOver()
        #expect(copies.map(\.name) == [made.name])
        store.abandon()
        _ = used.take()
        #expect(!refuses(try address(made.name)))
        _ = copies.first?.socket.take()
        #expect(refuses(try address(made.name)))
    }

    private func refuses(_ address: SocketAddress) -> Bool {
        guard let socket = try? Socket.tcp(for: address) else { return true }
        do throws(Errno) {
            if try Socket.connect(socket.raw, to: address) { return false }
        } catch {
            return error == .connectionRefused
        }
        return Socket.pendingError(socket.raw) == .connectionRefused
    }
}
