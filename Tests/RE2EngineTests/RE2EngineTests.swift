import MeshModel
import RE2Engine
import Testing

@Suite("Regular expressions by RE2")
struct RE2EngineTests {
    static let engine = RE2Engine()

    @Test(
        "the whole text must match (I 2.2)",
        arguments: [
            ("/api/v[0-9]+", "/api/v12", true), ("/api/v[0-9]+", "/api/v12/x", false), ("/api", "x/api", false),
            (".*", "", true), ("", "", true), ("a|ab", "ab", true), ("(?i)jason", "JASON", true), ("^a$", "a", true),
            (".", "\u{e9}", true), ("a.c", "a\nc", false),
        ])
    func wholeText(expression: String, text: String, matches: Bool) throws {
        #expect(try Self.engine.compile(expression).matches(text) == matches)
    }

    @Test("bytes that are not UTF-8 match no expression about characters, and end no program")
    func otherBytes() throws {
        let bytes: [UInt8] = [0xff, 0x00, 0xfe]
        #expect(try !Self.engine.compile(".*").matches(bytes.span))
        #expect(try Self.engine.compile("(?s)\\C*").matches(bytes.span))
    }

    @Test(
        "replacement of every match with groups (I 2.4)",
        arguments: [
            ("/aaa/bbb/ccc", "b+", "X", "/aaa/X/ccc"), ("/aa/bb/aa", "aa", "c", "/c/bb/c"),
            ("/service/foo/v1/api", "^/service/([^/]+)(/.*)$", "\\2/instance/\\1", "/v1/api/instance/foo"),
            ("/a", "b", "c", "/a"), ("/x", "x", "\\\\", "/\\"), ("/x", "x", "<\\0>", "/<x>"), ("", "^", "y", "y"),
        ])
    func replacing(text: String, expression: String, replacement: String, result: String) throws {
        let pattern = try Self.engine.compile(expression)
        let bytes = Array(text.utf8)
        let replaced = pattern.replacingMatches(in: bytes.span, with: try pattern.replacement(replacement))
        #expect(String(decoding: replaced, as: UTF8.self) == result)
    }

    @Test("what is refused, in words that say why")
    func refusals() throws {
        #expect(throws: PatternError(reason: "missing ): (a")) { try Self.engine.compile("(a") }
        #expect(throws: PatternError(reason: "no argument for repetition operator: *")) {
            try Self.engine.compile("*")
        }
        #expect(throws: PatternError.self) { try Self.engine.compile("(?=a)") }
        let pattern = try Self.engine.compile("(a)")
        #expect(throws: PatternError.self) { try pattern.replacement("\\2") }
        #expect(throws: PatternError.self) { try pattern.replacement("\\x") }
    }

    @Test("an expression is bounded in its own length and in what it compiles to")
    func bounds() throws {
        #expect(throws: PatternError.self) { try Self.engine.compile("((((a{100}){10})){100}){100}") }
        let long = String(repeating: "a", count: RE2Engine.defaultExpressionLength)
        #expect(try Self.engine.compile(long).matches(long))
        #expect(throws: PatternError(reason: "is longer than 1024 bytes; split it into several matches")) {
            try Self.engine.compile(long + "a")
        }
        let small = RE2Engine(programSize: 20)
        #expect(throws: PatternError.self) { try small.compile("[a-z]{40}") }
        #expect(try small.compile("a").matches("a"))
    }

    @Test("time is linear where a backtracking engine's is not")
    func linearTime() throws {
        let pattern = try Self.engine.compile("(a*)*b")
        #expect(!pattern.matches(String(repeating: "a", count: 100_000)))
    }

    @Test("one pattern serves many threads")
    func threads() async throws {
        let pattern = try Self.engine.compile("/user/([0-9]+)/.*")
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<64 { group.addTask { pattern.matches("/user/\(number)/x") } }
            for await matched in group { #expect(matched) }
        }
    }
}
