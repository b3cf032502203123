/// Why a text is not the JSON that we take, and where.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1.
    package let line: Int
    /// Bytes in the line, counted from 1.
    package let column: Int
    /// What is wrong.
    package let problem: String

    package var description: String { "line \(line), column \(column): \(problem)" }
}
