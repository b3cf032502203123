package import MeshModel

/// Regular expressions by Google's RE2, the library that Istio's own use: the same syntax, linear time, bounded memory.
///
/// Expressions come from whoever may write routes, so their size is bounded: a greedy counted repetition is one line of text
/// and a large program.
package struct RE2Engine: PatternEngine {
    /// The most instructions that an expression may compile to: Istio's bound (`re2.max_program_size.error_level`).
    package static let defaultProgramSize = 32_768
    /// The longest expression, in bytes: Istio's rule for StringMatch.
    package static let defaultExpressionLength = 1_024
    /// Bytes of memory for one compiled expression and its cache of states; RE2 falls back to less memory and more time
    /// where the cache is full, and refuses what does not fit at all.
    static let memory: Int64 = 8 << 20

    private let programSize: Int
    private let expressionLength: Int

    /// An engine with these bounds.
    package init(programSize: Int = defaultProgramSize, expressionLength: Int = defaultExpressionLength) {
        self.programSize = programSize
        self.expressionLength = expressionLength
    }

    package func compile(_ expression: String) throws(PatternError) -> any Pattern {
        guard expression.utf8.count <= expressionLength else {
            throw PatternError(
                reason: "is longer than \(expressionLength) bytes; split it into several matches")
        }
        let pattern = try RE2Pattern(expression, memory: Self.memory)
        guard pattern.programSize <= programSize else {
            throw PatternError(
                reason: "compiles to \(pattern.programSize) instructions, more than \(programSize); "
                    + "use smaller counts in repetitions")
        }
        return pattern
    }
}
