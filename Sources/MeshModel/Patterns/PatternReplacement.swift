/// A replacement text that was checked against the expression which it is for.
package struct PatternReplacement: Sendable, Hashable {
    /// The text as written, with `\0` to `\9`.
    package let text: String

    /// For engines, which make it once they have checked it.
    package init(checked text: String) {
        self.text = text
    }
}
