/// One thing that is wrong with a document, said so that its writer can put it right.
package struct FieldProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// How clients of the Kubernetes API name the kind of problem.
    package enum Reason: String, Sendable, Hashable {
        case invalid = "FieldValueInvalid"
        case required = "FieldValueRequired"
        case notSupported = "FieldValueNotSupported"
        case duplicate = "FieldValueDuplicate"
        case forbidden = "FieldValueForbidden"
        case unknown = "FieldValueNotFound"
    }

    /// The field.
    package let path: FieldPath
    /// Its value as written, nil where it is missing or has no short form.
    package let value: String?
    /// What is wrong.
    package let problem: String
    /// What to do, nil where the problem says it.
    package let remedy: String?
    /// The class of the problem.
    package let reason: Reason

    /// A problem of the field at `path`.
    package init(
        path: FieldPath, value: String? = nil, problem: String, remedy: String? = nil, reason: Reason = .invalid
    ) {
        self.path = path
        self.value = value
        self.problem = problem
        self.remedy = remedy
        self.reason = reason
    }

    /// `spec.ports[0].port: "x": is no port; write a number`, without the parts that are not known.
    package var description: String {
        let parts = [path.description.isEmpty ? nil : path.description, detail].compactMap { $0 }
        return parts.joined(separator: ": ")
    }

    /// The same without the path.
    package var detail: String {
        let quoted = value.map { "\"\($0)\" " } ?? ""
        return quoted + problem + (remedy.map { "; \($0)" } ?? "")
    }
}
