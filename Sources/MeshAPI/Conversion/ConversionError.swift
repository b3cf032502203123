/// Why a message is not taken: it names the resource and the field, and the caller refuses the update with it (D11).
package struct ConversionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The resource, as discovery names it.
    package let resource: String
    /// The field, as the protocol names it.
    package let field: String
    /// What is wrong with it.
    package let problem: String

    /// Names a field that cannot be taken.
    package init(resource: String, field: String, problem: String) {
        self.resource = resource
        self.field = field
        self.problem = problem
    }

    package var description: String { "\(resource): \(field): \(problem)" }
}
