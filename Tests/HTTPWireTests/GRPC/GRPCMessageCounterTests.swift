import HTTPWire
import Testing

@Suite struct GRPCMessageCounterTests {
    /// Messages of these lengths, each behind its prefix.
    private static func content(_ lengths: [Int]) -> [UInt8] {
        lengths.flatMap { length -> [UInt8] in
            [UInt8(length & 1), 0, 0, UInt8(length >> 8), UInt8(length & 0xff)]
                + [UInt8](repeating: 0xff, count: length)
        }
    }

    private static func receive(_ bytes: some Sequence<UInt8>, _ counter: inout GRPCMessageCounter) {
        Array(bytes).withUnsafeBytes { counter.receive($0) }
    }

    @Test func messagesAreCountedWhereverTheyAreCut() {
        let content = Self.content([0, 1, 300, 0, 5, 4])
        for size in 1...content.count {
            var counter = GRPCMessageCounter()
            for start in stride(from: 0, to: content.count, by: size) {
                Self.receive(content[start..<min(start + size, content.count)], &counter)
            }
            #expect(counter.count == 6, "in pieces of \(size)")
        }
    }

    @Test func onlyWholeMessagesCount() {
        var counter = GRPCMessageCounter()
        Self.receive(Self.content([3]).dropLast(), &counter)
        #expect(counter.count == 0)
        Self.receive([1], &counter)
        #expect(counter.count == 1)
        Self.receive([0, 0, 0, 0], &counter)
        #expect(counter.count == 1)
    }

    @Test func theLongestMessageDoesNotOverflow() {
        var counter = GRPCMessageCounter()
        Self.receive([0, 0xff, 0xff, 0xff, 0xff], &counter)
        Self.receive([UInt8](repeating: 0, count: 1 << 20), &counter)
        #expect(counter.count == 0)
    }
}
