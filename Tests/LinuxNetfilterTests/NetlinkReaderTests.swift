import LinuxNetfilter
import Testing

/// The reader of netlink datagrams: recorded ones, and ones that no kernel sends.
@Suite struct NetlinkReaderTests {
    /// nlmsghdr, little endian.
    private func header(_ length: UInt32, _ type: UInt16, _ flags: UInt16, _ sequence: UInt32) -> [UInt8] {
        word(length) + half(type) + half(flags) + word(sequence) + word(0)
    }
    private func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
    private func half(_ value: UInt16) -> [UInt8] { [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)] }

    private func all(_ bytes: [UInt8], sequence: UInt32 = 7) -> [NetlinkReader.Message] {
        var reader = NetlinkReader(bytes, sequence: sequence)
        var messages: [NetlinkReader.Message] = []
        while let message = reader.next() { messages.append(message) }
        return messages
    }

    @Test func requestIsByteExact() {
        // ip route get's cousin: RTM_GETADDR (22) dump, sequence 7, ifaddrmsg of zeros.
        var request = NetlinkRequest(type: 22, flags: 0x300, sequence: 7)
        request.fixed(0, 0, 0, 0)
        request.fixed(word: 0)
        #expect(request.bytes == header(24, 22, 0x301, 7) + [0, 0, 0, 0, 0, 0, 0, 0])
        request.attribute(1, [9, 9, 9])
        #expect(request.bytes.suffix(8) == [7, 0, 1, 0, 9, 9, 9, 0])
        #expect(request.bytes.prefix(4) == [32, 0, 0, 0])
    }

    @Test func repliesToOtherRequestsAreSkipped() {
        let bytes = header(20, 2, 0, 6) + word(0xffff_fffe) + header(20, 2, 0, 7) + word(0)
        #expect(all(bytes) == [.result(number: 0, text: "")])
    }

    @Test func refusalsCarryTheKernelsWords() {
        // Capped: the refused header alone, then NLMSGERR_ATTR_MSG (1).
        let text = Array("no such thing".utf8) + [0]
        let attribute = half(UInt16(text.count + 4)) + half(1) + text + [0, 0]
        let content = word(UInt32(bitPattern: -2)) + header(60, 24, 1, 7) + attribute
        #expect(
            all(header(UInt32(16 + content.count), 2, 0x300, 7) + content) == [
                .result(number: 2, text: "no such thing")
            ])
        // Not capped: the whole refused request comes first.
        let whole = word(UInt32(bitPattern: -22)) + header(20, 24, 1, 7) + word(0) + attribute
        #expect(
            all(header(UInt32(16 + whole.count), 2, 0x200, 7) + whole) == [.result(number: 22, text: "no such thing")])
    }

    @Test(arguments: [UInt32(0), 15, 21, 0xffff_ffff]) func lengthsThatDoNotFitEndTheReading(length: UInt32) {
        #expect(all(header(length, 20, 0, 7) + word(0)) == [.malformed])
    }

    @Test func aTailShorterThanAHeaderIsMalformed() {
        #expect(all(header(16, 20, 0, 7) + [1]) == [.record(type: 20, content: [], interrupted: false), .malformed])
    }

    @Test func cutRecordsAreNoAddresses() {
        let good: [UInt8] = [2, 24, 0, 0, 1, 0, 0, 0, 8, 0, 2, 0, 192, 0, 2, 1]
        #expect(
            InterfaceAddress(message: good) == InterfaceAddress(bytes: [192, 0, 2, 1], interface: 1, isGlobal: true))
        for length in 0..<good.count { #expect(InterfaceAddress(message: Array(good[..<length])) == nil) }
        #expect(InterfaceAddress(message: [7] + good.dropFirst()) == nil)
    }

    /// The corpus of the fuzz target, and every cut of every file in it.
    @Test func corpusIsReadWithoutFault() throws {
        let folder = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fuzz/Corpus/netlink"
        let files = try Command.run("ls \(folder)").split(separator: "\n")
        #expect(files.count >= 6)
        for file in files {
            let text = try Command.run("od -An -v -tu1 \(folder)/\(file)")
            let bytes = text.split { $0 == " " || $0 == "\n" }.compactMap { UInt8($0) }
            for length in 0...bytes.count { NetlinkFuzz.read(Array(bytes[..<length])) }
        }
    }
}
