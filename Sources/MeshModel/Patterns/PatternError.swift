/// Why an expression or its replacement cannot be used, in words for the person who wrote it.
package struct PatternError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, without the expression itself.
    package let reason: String

    /// The error of this reason.
    package init(reason: String) {
        self.reason = reason
    }

    package var description: String { reason }
}
