import MeshModel
import Testing

@Suite("JSON documents")
struct JSONTests {
    @Test(
        "texts that are taken, and how they are written again",
        arguments: [
            ("null", "null"), (" true ", "true"), ("false", "false"), ("0", "0"), ("-0", "0"), ("-12", "-12"),
            ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775808", "9.223372036854776e+18"), ("1.5", "1.5"), ("1e2", "100.0"), ("1E-2", "0.01"),
            ("\"\"", "\"\""), (#""a\"\\\/\b\f\n\r\t""#, #""a\"\\/\u0008\u000c\n\r\t""#), (#""\u00e9""#, "\"é\""),
            (#""\ud83d\ude00""#, "\"😀\""), ("[]", "[]"), ("{}", "{}"), ("[1, [2, []]]", "[1,[2,[]]]"),
            ("{\"b\": 1, \"a\": {\"c\": null}}", "{\"b\":1,\"a\":{\"c\":null}}"), ("\t[\r\n1 ]\n", "[1]"),
        ])
    func taken(_ text: String, _ written: String) throws {
        let value = try JSONValue(parsing: text.utf8)
        #expect(value.compactText == written)
        #expect(try JSONValue(parsing: value.compactText.utf8) == value)
        #expect(try JSONValue(parsing: value.prettyText.utf8) == value)
    }

    @Test(
        "texts that are refused, with line and column",
        arguments: [
            ("", 1, 1), ("  ", 1, 3), ("nul", 1, 1), ("True", 1, 1), ("01", 1, 3), ("-", 1, 2), ("1.", 1, 3),
            (".5", 1, 1), ("1e", 1, 3), ("+1", 1, 1), ("1e999", 1, 1), ("NaN", 1, 1), ("[1,]", 1, 4), ("[1 2]", 1, 4),
            ("[", 1, 2), ("{\"a\":1,}", 1, 8), ("{a:1}", 1, 2), ("{\"a\" 1}", 1, 6), ("{\"a\":}", 1, 6),
            ("{\n  \"a\": 1,\n  \"a\": 2\n}", 3, 3), ("\"a", 1, 3), ("\"\u{1}\"", 1, 2), (#""\x""#, 1, 3),
            (#""\u12""#, 1, 4), (#""\ud800""#, 1, 8), (#""\ud800\u0041""#, 1, 14), (#""\udc00""#, 1, 8),
            ("1 2", 1, 3), ("// a\n1", 1, 1), ("[1]]", 1, 4), ("'a'", 1, 1),
        ])
    func refused(_ text: String, _ line: Int, _ column: Int) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text.utf8) }
        #expect(error?.line == line, "\(error.map(\.description) ?? "")")
        #expect(error?.column == column, "\(error.map(\.description) ?? "")")
    }

    @Test(
        "a string that is not UTF-8 is refused",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]])
    func encoding(_ bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
    }

    @Test("depth and size are bounded")
    func bounds() throws {
        let nested = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        let limits = JSONLimits()
        #expect(throws: Never.self) { try JSONValue(parsing: nested(limits.maximumDepth).utf8) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(limits.maximumDepth + 1).utf8) }
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000).utf8) }
        #expect(throws: JSONSyntaxError.self) {
            try JSONValue(parsing: "[1,2,3]".utf8, limits: JSONLimits(maximumBytes: 6))
        }
    }

    @Test("an object of many members is read in linear time and keeps their order")
    func manyMembers() throws {
        let count = 100_000
        let text = "{" + (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        let value = try JSONValue(parsing: text.utf8)
        #expect(value["k99999"] == .int(99_999))
        #expect(value.asObject?.keys.prefix(3) == ["k0", "k1", "k2"])
        #expect(value.compactText == text)
    }

    @Test("members are set in place, appended and removed, whatever their number", arguments: [3, 12, 13, 40])
    func members(_ count: Int) {
        var object = JSONObject()
        for index in 0..<count { object["k\(index)"] = .int(Int64(index)) }
        object["k1"] = "new"
        object["k0"] = nil
        object["last"] = .null
        #expect(object.keys == (1..<count).map { "k\($0)" } + ["last"])
        #expect(object["k1"] == "new")
        #expect(object["k0"] == nil)
        #expect(object["k\(count - 1)"] != nil)
        #expect(object.count == count)
    }

    @Test("paths are written as people write them")
    func paths() {
        let path = FieldPath("spec", "rules").appending(index: 0).appending(key: "from")
        #expect(path.description == "spec.rules[0].from")
        #expect(path.parent?.description == "spec.rules[0]")
        #expect(
            FieldPath("metadata", "labels", "app.kubernetes.io/name").description
                == "metadata.labels[app.kubernetes.io/name]")
        #expect(FieldPath.root.description.isEmpty)
        #expect(FieldPath.root.parent == nil)
    }
}
