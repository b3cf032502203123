import MeshModel
import Testing

@Suite struct StringMatchTests {
    @Test(arguments: [
        (StringMatch.exact("a"), "a", true), (.exact("a"), "A", false), (.exact(""), "", true),
        (.exact("a*"), "ab", false),
        (.prefix("ab"), "abc", true), (.prefix("ab"), "a", false), (.prefix(""), "", true),
        (.suffix("bc"), "abc", true), (.suffix("abc"), "bc", false), (.suffix(""), "x", true), (.presence, "", false),
        (.presence, "x", true),
        // Bytes are compared: these two are equal only to who compares characters.
        (.exact("\u{e9}"), "e\u{301}", false), (.prefix("e"), "e\u{301}", true),
    ])
    func matches(_ match: StringMatch, _ text: String, _ expected: Bool) {
        #expect(match.matches(text) == expected)
    }
}
