import ControlPlane
import Logging
import Synchronization
import Testing

@Suite("Text of peers in the log")
struct LogTextTests {
    @Test(
        "what could be taken for something else is escaped",
        arguments: [
            ("a\nb", #"a\nb"#), ("a\r\nb", #"a\r\nb"#), ("a\tb", #"a\tb"#), ("a\u{0}b", #"a\u{0}b"#),
            ("\u{1B}[2J", #"\u{1b}[2J"#), ("a\u{85}b", #"a\u{85}b"#), ("a\u{2028}b", #"a\u{2028}b"#),
            ("a\u{202E}b", #"a\u{202e}b"#), (#"a\nb"#, #"a\\nb"#), ("grüße 世界 🙂", "grüße 世界 🙂"),
        ])
    func escapes(_ text: String, _ expected: String) {
        #expect(LogText.escaped(text) == expected)
    }

    @Test("a message without end is cut")
    func bound() {
        let cut = LogText.escaped(String(repeating: "x", count: 100_000))
        #expect(cut.utf8.count < 9_000)
        #expect(cut.hasSuffix("(100000 bytes in all)"))
    }

    @Test("values are one word or in quotes, and quotes cannot be closed from inside")
    func values() {
        #expect(LogText.value("jane") == "jane")
        #expect(LogText.value("") == #""""#)
        #expect(LogText.value("a b") == #""a b""#)
        #expect(LogText.value(#"a" b="c"#) == #""a' b='c""#)
    }

    @Test("no event makes two lines: message, metadata and error")
    func handler() {
        let lines = AccessEnforcementTests.Lines()
        var logger = Logger(label: "test") { _ in EscapingLogHandler(AccessEnforcementTests.Handler(lines: lines)) }
        logger[metadataKey: "node"] = "a\nforged"
        logger.notice("one\ntwo", metadata: ["peer": "b\nforged"])
        #expect(lines.lines.withLock { $0 } == [#"one\ntwo"#])
        #expect(logger[metadataKey: "node"]?.description == #"a\nforged"#)
    }
}
