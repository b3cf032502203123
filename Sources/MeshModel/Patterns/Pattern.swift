/// A compiled regular expression of RE2's syntax. Immutable; any thread. Matching takes time linear in the text.
package protocol Pattern: Sendable {
    /// Whether the expression matches the whole of `text`, as Envoy's and Istio's `regex` does (I 2.2).
    func matches(_ text: Span<UInt8>) -> Bool

    /// `text` with every match that does not overlap an earlier one replaced: `\0` to `\9` in `replacement` stand for what
    /// was captured, `\\` for a backslash (I 2.4). Unchanged where nothing matches.
    func replacingMatches(in text: Span<UInt8>, with replacement: PatternReplacement) -> [UInt8]

    /// `replacement` as far as this expression can use it: a reference must be to a group that it has.
    func replacement(_ text: String) throws(PatternError) -> PatternReplacement
}

extension Pattern {
    /// Whether the expression matches the whole of `text`.
    package func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return matches(bytes.span)
    }
}
