import Testing

@testable import HTTPWire

@Suite struct HPACKTests {
    private func decode(
        _ decoder: inout HPACKDecoder, _ bytes: [UInt8], limit: Int = 1 << 20
    ) -> Result<(HTTPFieldBlock, Bool), HPACKError> {
        var block = HTTPFieldBlock()
        do throws(HPACKError) {
            let fits = try decoder.decode(bytes.span, into: &block, maximumListSize: limit)
            return .success((block, fits))
        } catch {
            return .failure(error)
        }
    }

    @Test("RFC 7541", arguments: HPACKCase.all)
    func table(_ row: HPACKCase) {
        var decoder = HPACKDecoder(tableSize: row.tableSize)
        for hex in row.before { _ = decode(&decoder, HPACKCase.bytes(hex)) }
        let result = decode(&decoder, HPACKCase.bytes(row.hex)).map { block, _ in
            block.isEmpty
                ? [] : block.description.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        if row.name.contains("30-bit") {
            #expect((try? result.get().joined(separator: "\n")) == "a: \n")
        } else {
            #expect(result == row.expected)
        }
    }

    @Test("the table is as large as it claims")
    func size() {
        #expect(HPACKCase.all.count >= 40)
        #expect(Set(HPACKCase.all.map(\.name)).count == HPACKCase.all.count)
    }

    @Test("appendix C.3 to C.6", arguments: 0..<4)
    func appendixC(_ index: Int) {
        let (tableSize, steps) = AppendixC.sequences[index]
        var decoder = HPACKDecoder(tableSize: tableSize)
        for step in steps {
            guard case .success(let (block, fits)) = decode(&decoder, HPACKCase.bytes(step.hex)) else {
                Issue.record("\(step.name) was refused")
                return
            }
            #expect(fits)
            #expect(
                block.fields.map { "\($0.name): \($0.value)" } == step.fields.map { "\($0.0): \($0.1)" }, "\(step.name)"
            )
            #expect(decoder.tableSize == step.tableSize, "\(step.name)")
        }
    }

    @Test(
        "appendix C.1: integers",
        arguments: [(10, 5, "0a"), (1337, 5, "1f9a0a"), (42, 8, "2a"), (0, 1, "00"), (1 << 28, 7, "7f81ffff7f")])
    func integers(_ value: Int, _ prefix: Int, _ hex: String) throws {
        var output: [UInt8] = []
        HPACKInteger.encode(value, prefixBits: prefix, pattern: 0, into: &output)
        #expect(output == HPACKCase.bytes(hex))
        var offset = 0
        #expect(try HPACKInteger.decode(output.span, at: &offset, prefixBits: prefix) == value)
        #expect(offset == output.count)
    }

    @Test("appendix B: every byte survives Huffman coding")
    func huffman() throws {
        for first in 0...255 {
            let input = [UInt8(first), 0x61, UInt8(255 - first)]
            var coded: [UInt8] = []
            HPACKHuffmanCode.shared.encode(input.span, into: &coded)
            #expect(coded.count == HPACKHuffmanCode.shared.encodedLength(input.span))
            var output: [UInt8] = []
            try HPACKHuffmanCode.shared.decode(coded.span, into: &output)
            #expect(output == input)
        }
    }

    @Test("the encoder's blocks decode to what went in, tables in step", arguments: 0..<50 as Range<UInt64>)
    func roundTrip(seed: UInt64) {
        var random = SplitMix64(state: seed)
        var encoder = HPACKEncoder()
        var decoder = HPACKDecoder()
        let names = [
            ":authority", ":path", "baggage", "traceparent", "authorization", "x-a", "accept", "content-length",
        ]
        for _ in 0..<200 {
            if Int.random(in: 0..<20, using: &random) == 0 {
                encoder.setPeerLimit([0, 100, 300, 4096].randomElement(using: &random) ?? 0)
            }
            var block = HTTPFieldBlock()
            block.append(name: ":method", value: "CONNECT")
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let length = Int.random(in: 0...40, using: &random)
                let value = String(
                    decoding: (0..<length).map { _ in UInt8.random(in: 32...126, using: &random) }, as: UTF8.self)
                block.append(
                    name: names.randomElement(using: &random) ?? "x",
                    value: Bool.random(using: &random) ? "same" : value,
                    sensitive: Int.random(in: 0..<10, using: &random) == 0)
            }
            var bytes: [UInt8] = []
            encoder.encode(block, into: &bytes)
            guard case .success(let (read, fits)) = decode(&decoder, bytes) else {
                Issue.record("seed \(seed): refused")
                return
            }
            #expect(fits)
            #expect(read.fields.map(\.value) == block.fields.map(\.value))
            #expect(read.fields.map(\.name) == block.fields.map(\.name))
            #expect(encoder.tableSize == decoder.tableSize)
            #expect(encoder.tableSize <= 4096)
        }
    }

    @Test("7.1.3 sensitive fields and credentials are never indexed")
    func neverIndexed() {
        var encoder = HPACKEncoder()
        var block = HTTPFieldBlock()
        block.append(name: "x-key", value: "secret", sensitive: true)
        block.append(name: "authorization", value: "Bearer x")
        var bytes: [UInt8] = []
        encoder.encode(block, into: &bytes)
        #expect(encoder.tableSize == 0)
        #expect(bytes[0] == 0x10)
        var decoder = HPACKDecoder()
        guard case .success(let (read, _)) = decode(&decoder, bytes) else {
            Issue.record("refused")
            return
        }
        #expect(read.description == "x-key: (sensitive)\nauthorization: (sensitive)")
    }

    @Test("4.2 the encoder announces the smallest and the last size")
    func sizeUpdates() {
        var encoder = HPACKEncoder()
        encoder.setPeerLimit(0)
        encoder.setPeerLimit(100)
        var bytes: [UInt8] = []
        encoder.encode(HTTPFieldBlock.response(status: 200), into: &bytes)
        #expect(bytes == [0x20, 0x3f, 0x45, 0x88])
        encoder.setPeerLimit(100_000)
        bytes = []
        encoder.encode(HTTPFieldBlock.response(status: 200), into: &bytes)
        #expect(bytes == [0x3f, 0xe1, 0x1f, 0x88])
    }

    @Test("4.2 a lowered limit must be acknowledged by an update")
    func lowered() {
        var decoder = HPACKDecoder()
        decoder.setLimit(100)
        var other = decoder
        #expect(decode(&decoder, [0x82]).map { $0.1 } == .failure(.tableSizeUpdateMissing))
        #expect(decode(&other, [0x3f, 0x45, 0x82]).map { $0.1 } == .success(true))
    }

    @Test("a list above the limit is cut, and the table stays right")
    func tooLarge() {
        var decoder = HPACKDecoder()
        let big = HPACKCase.bytes("40 01 61 01 31") + [0x40, 1, 0x62, 100] + [UInt8](repeating: 0x63, count: 100)
        guard case .success(let (block, fits)) = decode(&decoder, big, limit: 50) else {
            Issue.record("refused")
            return
        }
        #expect(!fits)
        #expect(block.count == 1)
        #expect(decode(&decoder, [0xbe]).map { $0.0.fields.first?.name } == .success("b"))
    }

    @Test("a bomb of table references costs neither memory nor time")
    func bomb() {
        var decoder = HPACKDecoder()
        let entry = 1 + 4_000 + 32
        _ = decode(&decoder, [0x40, 1, 0x61, 0x7f, 0xa1, 0x1e] + [UInt8](repeating: 0x62, count: 4_000))
        let most = 65_536 * HPACKDecoder.workFactor / entry
        guard
            case .success(let (block, fits)) = decode(&decoder, [UInt8](repeating: 0xbe, count: most), limit: 65_536)
        else {
            Issue.record("refused")
            return
        }
        #expect(!fits)
        #expect(block.listSize <= 65_536 && block.count == 65_536 / entry)
        let more = decode(&decoder, [UInt8](repeating: 0xbe, count: most + 2), limit: 65_536)
        #expect(more.map { $0.1 } == .failure(.listTooLarge))
    }

    @Test("any cut of a valid block is an error or fewer fields, never a trap")
    func cuts() {
        for sequence in AppendixC.sequences {
            for step in sequence.steps {
                let bytes = HPACKCase.bytes(step.hex)
                for end in bytes.indices {
                    var decoder = HPACKDecoder()
                    _ = decode(&decoder, Array(bytes[..<end]))
                }
            }
        }
    }
}
