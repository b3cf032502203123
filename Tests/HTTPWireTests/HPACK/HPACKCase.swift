import HTTPWire
import Testing

/// One row of the HPACK table: a block in hex, fields or an error out.
struct HPACKCase: Sendable, CustomTestStringConvertible {
    var name: String
    /// Blocks before the one that is judged.
    var before: [String] = []
    var hex: String
    var expected: Result<[String], HPACKError>
    var tableSize = 4096
    var testDescription: String { name }

    init(_ name: String, after before: [String] = [], _ hex: String, _ fields: [String], tableSize: Int = 4096) {
        self.name = name
        self.before = before
        self.hex = hex
        expected = .success(fields)
        self.tableSize = tableSize
    }

    init(_ name: String, after before: [String] = [], _ hex: String, error: HPACKError, tableSize: Int = 4096) {
        self.name = name
        self.before = before
        self.hex = hex
        expected = .failure(error)
        self.tableSize = tableSize
    }

    static func bytes(_ hex: String) -> [UInt8] {
        var digits: [UInt8] = []
        for character in hex where character != " " { digits.append(UInt8(character.hexDigitValue ?? 0)) }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    static let all: [HPACKCase] = [
        HPACKCase(
            "2.3.2 the newest entry has the lowest index", after: ["40 01 61 01 31", "40 01 62 01 32"], "be bf",
            ["b: 2", "a: 1"]),
        HPACKCase("2.3.3 index 0", "80", error: .indexOutOfRange(0)),
        HPACKCase("2.3.3 last static entry", "bd", ["www-authenticate: "]),
        HPACKCase("2.3.3 first entry of an empty dynamic table", "be", error: .indexOutOfRange(62)),
        HPACKCase("2.3.3 one past the dynamic table", after: ["40 01 61 01 31"], "bf", error: .indexOutOfRange(63)),
        HPACKCase("2.3.3 name index past both tables", "7f 00 01 61", error: .indexOutOfRange(63)),
        HPACKCase("2.3.3 huge index", "ff 80 80 01", error: .indexOutOfRange(16_511)),
        HPACKCase("3.2 an empty block", "", []),
        HPACKCase(
            "4.1 entries count 32 bytes more", after: ["40 01 61 01 31", "40 01 62 01 32"], "be", ["b: 2"],
            tableSize: 68),
        HPACKCase(
            "4.1 the second does not fit", after: ["40 01 61 01 31", "40 01 62 01 32"], "bf",
            error: .indexOutOfRange(63), tableSize: 67),
        HPACKCase("4.2 size update at the limit", "3f e1 1f", []),
        HPACKCase("4.2 size update above the limit", "3f e2 1f", error: .tableSizeTooLarge(4097)),
        HPACKCase("4.2 size update after a field", "82 20", error: .tableSizeUpdateNotFirst),
        HPACKCase("4.2 two size updates", "20 3f e1 1f 82", [":method: GET"]),
        HPACKCase(
            "4.3 a size update to 0 empties the table", after: ["40 01 61 01 31", "20"], "be",
            error: .indexOutOfRange(62)),
        HPACKCase(
            "4.3 size 0 and back", after: ["40 01 61 01 31", "20 3f e1 1f"], "40 01 62 01 32 be", ["b: 2", "b: 2"]),
        HPACKCase(
            "4.4 an entry larger than the table empties it", after: ["40 01 61 01 31", "40 01 62 06 313131313131"],
            "be", error: .indexOutOfRange(62), tableSize: 36),
        HPACKCase("4.4 a too large entry is still a field", "40 01 62 06 313131313131", ["b: 111111"], tableSize: 36),
        HPACKCase(
            "4.4 an entry named after one that it evicts", after: ["40 04 61616161 01 31"], "7e 01 32 be",
            ["aaaa: 2", "aaaa: 2"], tableSize: 40),
        HPACKCase("5.1 integer cut after its prefix", "ff", error: .truncated),
        HPACKCase("5.1 integer cut in a continuation", "ff 80", error: .truncated),
        HPACKCase("5.1 integer without end", "ff 80 80 80 80 80 80 01", error: .integerTooLarge),
        HPACKCase("5.1 integer above the bound", "ff ff ff ff ff 0f", error: .integerTooLarge),
        HPACKCase("5.1 length above the bound", "00 7f ff ff ff ff 7f", error: .integerTooLarge),
        HPACKCase(
            "5.1 integer with one needless byte", "00 01 61 7f 80 00" + String(repeating: "62", count: 127),
            ["a: " + String(repeating: "b", count: 127)]),
        HPACKCase("5.2 string longer than the block", "00 05 61", error: .truncated),
        HPACKCase("5.2 value missing", "00 01 61", error: .truncated),
        HPACKCase("5.2 empty strings", "00 00 00", [": "]),
        HPACKCase("5.2 Huffman: padding of 8 bits", "00 01 61 82 1f ff", error: .huffman),
        HPACKCase("5.2 Huffman: padding of zeros", "00 01 61 81 18", error: .huffman),
        HPACKCase("5.2 Huffman: only padding", "00 01 61 81 ff", error: .huffman),
        HPACKCase("5.2 Huffman: EOS", "00 01 61 84 ff ff ff fc", error: .huffman),
        HPACKCase("5.2 Huffman: EOS after a symbol", "00 01 61 85 1f ff ff ff ff", error: .huffman),
        HPACKCase("5.2 Huffman: code cut in the middle", "00 01 61 81 fe", error: .huffman),
        HPACKCase("5.2 Huffman: no bytes", "00 01 61 80", ["a: "]),
        HPACKCase("5.2 Huffman: a 30-bit code", "00 01 61 84 ff ff ff f3", ["a: \n"]),
        HPACKCase("6.1 indexed field", "82", [":method: GET"]),
        HPACKCase(
            "6.2.1 literal with indexing, new name",
            after: ["400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572"], "be",
            ["custom-key: custom-header"]),
        HPACKCase(
            "6.2.1 C.2.1", "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
            ["custom-key: custom-header"]),
        HPACKCase("6.2.2 C.2.2", "040c 2f73 616d 706c 652f 7061 7468", [":path: /sample/path"]),
        HPACKCase(
            "6.2.2 without indexing leaves no entry", after: ["040c 2f73 616d 706c 652f 7061 7468"], "be",
            error: .indexOutOfRange(62)),
        HPACKCase("6.2.3 C.2.3", "1008 7061 7373 776f 7264 0673 6563 7265 74", ["password: (sensitive)"]),
        HPACKCase(
            "6.2.3 never indexed leaves no entry", after: ["1008 7061 7373 776f 7264 0673 6563 7265 74"], "be",
            error: .indexOutOfRange(62)),
        HPACKCase("6.3 size update cut short", "3f", error: .truncated),
        HPACKCase("C.2.4", "82", [":method: GET"]),
    ]
}
