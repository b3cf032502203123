import LinuxSystem
import Testing

@Suite struct ProcessTests {
    @Test func passesADescriptorWithAMessage() throws {
        let pair = try UnixSocket.pair()
        let left = Descriptor(taking: pair.0)
        let right = Descriptor(taking: pair.1)
        let event = try EventFD()
        #expect(try UnixSocket.send(left.raw, [9, 9], passing: event.raw) == .bytes(2))
        guard let message = try UnixSocket.receive(right.raw, upTo: 16) else { throw Errno.wouldBlock }
        #expect(message.bytes == [9, 9])
        guard let passed = message.takeDescriptor() else { throw Errno.badDescriptor }
        event.signal()
        #expect(try SocketTests.wait(passed.raw, .readable).contains(.readable))
    }

    @Test func tooLongMessageIsRefusedAndItsDescriptorClosed() throws {
        let pair = try UnixSocket.pair()
        let left = Descriptor(taking: pair.0)
        let right = Descriptor(taking: pair.1)
        _ = try UnixSocket.send(left.raw, [UInt8](repeating: 1, count: 64), passing: left.raw)
        #expect(throws: Errno.messageTooLong) { _ = try UnixSocket.receive(right.raw, upTo: 16) }
        #expect(try UnixSocket.receive(right.raw, upTo: 16)?.bytes == nil)
        #expect(try UnixSocket.peerCredentials(left.raw).process > 0)
    }

    @Test func threadRunsAndJoins() throws {
        let event = try EventFD()
        let number = event.raw
        let thread = try SystemThread(name: "a rather long name") {
            _ = try? Transfer.write(number, [1, 0, 0, 0, 0, 0, 0, 0])
        }
        thread.join()
        #expect(try SocketTests.wait(number, .readable).contains(.readable))
        event.clear()
    }

    @Test func namespaceKnowsItself() throws {
        let here = try NetworkNamespace.current()
        #expect(here.identity == (try NetworkNamespace(path: "/proc/self/ns/net")).identity)
        #expect(try here.run { () throws(Errno) -> Int in 5 } == 5)
        #expect(throws: Errno.noSuchFile) { try NetworkNamespace(path: "/run/netns/there-is-none") }
    }

    @Test func randomLimitsAndClock() throws {
        #expect(try SystemRandom.bytes(32) != SystemRandom.bytes(32))
        let limit = try DescriptorLimit.raise()
        #expect(limit.soft == limit.hard)
        #expect(SystemClock.monotonicNanoseconds > 0 && SystemClock.unixSeconds > 1_700_000_000)
    }
}
