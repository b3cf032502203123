/// All that is wrong with one document; at least one problem, at most ``limit``.
package struct FieldProblems: Error, Sendable, Hashable, CustomStringConvertible {
    /// How many problems of one document are reported: 50; a hostile one could else have an answer larger than itself.
    package static let limit = 50

    /// The problems in the order of the document.
    package let problems: [FieldProblem]

    /// One problem a line.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
