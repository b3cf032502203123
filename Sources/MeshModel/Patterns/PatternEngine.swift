/// Compiles regular expressions of RE2's syntax: the seam between what reads routes (pure) and the library that knows
/// expressions, which ztunnel does not carry.
package protocol PatternEngine: Sendable {
    /// The compiled expression. Throws where the syntax is wrong or the program that it compiles to is too large.
    func compile(_ expression: String) throws(PatternError) -> any Pattern
}
