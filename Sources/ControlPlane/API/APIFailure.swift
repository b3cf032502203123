package import MeshModel

/// A refusal, in the form of Kubernetes' `Status`: kubectl and the client libraries show its message and causes.
package struct APIFailure: Error, Sendable {
    /// One field that is wrong.
    package struct Cause: Sendable, Hashable {
        package var field: String
        package var message: String
    }

    package var status: Int
    /// Kubernetes' word, such as `NotFound`: client libraries switch on it.
    package var reason: String
    package var message: String
    package var causes: [Cause]

    package init(_ status: Int, _ reason: String, _ message: String, causes: [Cause] = []) {
        self.status = status
        self.reason = reason
        self.message = message
        self.causes = causes
    }

    /// The body.
    package var document: JSONValue {
        var status: JSONObject = [
            "kind": .string("Status"), "apiVersion": .string("v1"), "metadata": .object([:]),
            "status": .string("Failure"), "message": .string(message), "reason": .string(reason),
        ]
        if !causes.isEmpty {
            status["details"] = .object([
                "causes": .array(
                    causes.map { cause in
                        .object([
                            "reason": .string("FieldValueInvalid"), "message": .string(cause.message),
                            "field": .string(cause.field),
                        ])
                    })
            ])
        }
        status["code"] = .int(Int64(self.status))
        return .object(status)
    }

    /// The refusal of a document by validation: every problem, not the first.
    init(_ problems: FieldProblems, of name: String) {
        let causes = problems.problems.map { problem in
            let value = problem.value.map { " \($0):" } ?? ""
            let remedy = problem.remedy.map { "; \($0)" } ?? ""
            return Cause(field: problem.path.description, message: "\(value) \(problem.problem)\(remedy)".trimmingSpaces)
        }
        self.init(
            422, "Invalid", "\(name) is invalid: " + causes.map { "\($0.field): \($0.message)" }.joined(separator: "; "),
            causes: causes)
    }

    /// The store's refusals with Kubernetes' codes.
    init(_ error: StoreError) {
        switch error {
        case .notFound: self.init(404, "NotFound", error.description)
        case .alreadyExists: self.init(409, "AlreadyExists", error.description)
        case .conflict: self.init(409, "Conflict", error.description)
        case .gone: self.init(410, "Expired", error.description)
        case .forbidden: self.init(403, "Forbidden", error.description)
        case .unavailable: self.init(503, "ServiceUnavailable", error.description)
        }
    }

    static let notFound = APIFailure(404, "NotFound", "the server has no such path; see /apis for what is served")
    static let methodNotAllowed = APIFailure(405, "MethodNotAllowed", "this path does not take that method")
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " })
    }
}
