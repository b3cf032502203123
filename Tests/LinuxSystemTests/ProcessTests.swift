import Glibc
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

    @Test func severalDescriptorsAreCountedAndAllButTheFirstClosed() throws {
        let pair = try UnixSocket.pair()
        let left = Descriptor(taking: pair.0)
        let right = Descriptor(taking: pair.1)
        try Self.send(left.raw, passing: [left.raw, right.raw, left.raw])
        let before = try Self.openDescriptors()
        do {
            guard let message = try UnixSocket.receive(right.raw, upTo: 16) else { throw Errno.wouldBlock }
            let count = message.descriptorCount
            #expect(count == 3)
            guard let first = message.takeDescriptor() else { throw Errno.badDescriptor }
            let during = try Self.openDescriptors()
            #expect(first.raw >= 0 && during == before + 1)
        }
        #expect(try Self.openDescriptors() == before)
    }

    /// One byte with several descriptors, which `UnixSocket` itself never sends.
    private static func send(_ socket: CInt, passing descriptors: [CInt]) throws {
        var byte: UInt8 = 1
        // cmsghdr: length, SOL_SOCKET, SCM_RIGHTS, then the descriptors.
        var control = [UInt64(16 + 4 * descriptors.count), UInt64(1) | UInt64(1) << 32]
        for index in stride(from: 0, to: descriptors.count, by: 2) {
            let second = index + 1 < descriptors.count ? UInt64(UInt32(bitPattern: descriptors[index + 1])) : 0
            control.append(UInt64(UInt32(bitPattern: descriptors[index])) | second << 32)
        }
        let sent = control.withUnsafeMutableBytes { control in
            withUnsafeMutableBytes(of: &byte) { content in
                var vector = iovec(iov_base: content.baseAddress, iov_len: 1)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = control.count
                    return sendmsg(socket, &message, 0)
                }
            }
        }
        try #require(sent == 1)
    }

    private static func openDescriptors() throws -> Int {
        let listing = try #require(opendir("/proc/self/fd"))
        defer { closedir(listing) }
        var count = 0
        while readdir(listing) != nil { count += 1 }
        return count
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

    @Test func aProgramInTheBackgroundIsCollectedOnce() throws {
        let process = try BackgroundProcess(["sh", "-c", "echo out; echo error >&2; exit 3"])
        guard let output = process.takeOutput(), let end = process.takeEnd() else { throw Errno.badDescriptor }
        #expect(process.takeOutput() == nil && process.takeEnd() == nil)
        #expect(try end.waitReadable(.seconds(30)))
        #expect(process.collect() == 3)
        #expect(process.collect() == 3)
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(output.raw, &bytes, bytes.count)
        #expect(String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self) == "out\nerror\n")
        #expect(throws: Errno.noSuchFile) { try BackgroundProcess(["/none/there"]) }
    }

    @Test func aProgramInTheBackgroundEndsWhenItMust() throws {
        let process = try BackgroundProcess(["sleep", "600"])
        guard let end = process.takeEnd() else { throw Errno.badDescriptor }
        #expect(process.collect() == nil)
        process.kill()
        #expect(try end.waitReadable(.seconds(30)))
        #expect(process.collect() == 128 + SIGKILL)
        // Given up without a word.
        let last: Descriptor
        do {
            let forgotten = try BackgroundProcess(["sleep", "600"])
            guard let handle = forgotten.takeEnd() else { throw Errno.badDescriptor }
            last = handle
        }
        #expect(try last.waitReadable(.seconds(30)))
    }
}
