/// Everything that is wrong with the environment of the program, one line per variable: its name, its value, and what
/// would be right. The program does not start with it.
package struct ConfigurationFailure: Error, Equatable, CustomStringConvertible {
    /// One line per problem, in the order of the variables' reading; never empty.
    package let problems: [String]

    /// A failure for at least one problem.
    package init(problems: [String]) {
        self.problems = problems
    }

    /// The problems, one per line.
    package var description: String { problems.joined(separator: "\n") }
}
