package import MeshModel

/// A refusal, in the form of Kubernetes' `Status`: kubectl and the client libraries show its message and causes.
package struct APIFailure: Error, Sendable {
    /// One field that is wrong.
    package struct Cause: Sendable, Hashable {
        package var field: String
        package var message: String
        /// Kubernetes' word for the kind of problem.
        package var reason: String
    }

    package var status: Int
    /// Kubernetes' word, such as `NotFound`: client libraries switch on it.
    package var reason: String
    package var message: String
    package var causes: [Cause]
    /// What it is about, where it is about one object.
    package var kind: ResourceKind?
    package var name: String

    package init(
        _ status: Int, _ reason: String, _ message: String, causes: [Cause] = [], kind: ResourceKind? = nil,
        name: String = ""
    ) {
        self.status = status
        self.reason = reason
        self.message = message
        self.causes = causes
        self.kind = kind
        self.name = name
    }

    /// A refusal of what a call says, by field: with a cause, since kubectl shows only these.
    static func invalid(_ field: String, _ message: String) -> APIFailure {
        APIFailure(
            422, "Invalid", "\(field): \(message)",
            causes: [Cause(field: field, message: message, reason: FieldProblem.Reason.invalid.rawValue)])
    }

    /// Whether the store refused because somebody else wrote the object meanwhile.
    var isLostRace: Bool { kind != nil && (reason == "Conflict" || reason == "AlreadyExists") }

    /// The body.
    package var document: JSONValue {
        var status: JSONObject = [
            "kind": .string("Status"), "apiVersion": .string("v1"), "metadata": .object([:]),
            "status": .string("Failure"), "message": .string(message), "reason": .string(reason),
        ]
        var details = JSONObject()
        if !name.isEmpty { details["name"] = .string(name) }
        if let kind {
            details["group"] = .string(kind.group)
            details["kind"] = .string(kind.plural)
        }
        if !causes.isEmpty {
            details["causes"] = .array(
                causes.map { cause in
                    .object([
                        "reason": .string(cause.reason), "message": .string(cause.message),
                        "field": .string(cause.field),
                    ])
                })
        }
        if !details.isEmpty { status["details"] = .object(details) }
        status["code"] = .int(Int64(self.status))
        return .object(status)
    }

    /// The refusal of a document by validation: every problem, not the first.
    init(_ problems: FieldProblems, of name: String, kind: ResourceKind) {
        let causes = problems.problems.map {
            Cause(field: $0.path.description, message: $0.detail, reason: $0.reason.rawValue)
        }
        let title = "\(kind.kind) \"\(name)\" is invalid: "
        self.init(
            422, "Invalid", title + problems.problems.map(\.description).joined(separator: "; "), causes: causes,
            kind: kind, name: name)
    }

    /// The refusal of what a user may not do, in Kubernetes' words, and with what would allow it.
    init(forbidden request: AccessRequest, user: APIUser, why: String) {
        if user.name.isEmpty {
            self.init(401, "Unauthorized", "\(why); it is not one of a user: write one with `ambitctl kubeconfig`")
            return
        }
        var kind: ResourceKind?
        var name = ""
        if case .resource(let group, let resource, _, _, let asked) = request.target {
            kind = ResourceKind.allCases.first { $0.group == group && $0.plural == resource }
            name = asked
        }
        self.init(403, "Forbidden", "\(request.refusal(of: user.name)): \(why)", kind: kind, name: name)
    }

    /// The store's refusals with Kubernetes' codes.
    init(_ error: StoreError) {
        switch error {
        case .notFound(let kind, _, let name): self.init(404, "NotFound", error.description, kind: kind, name: name)
        case .alreadyExists(let kind, _, let name):
            self.init(409, "AlreadyExists", error.description, kind: kind, name: name)
        case .conflict(let kind, _, let name, _, _):
            self.init(409, "Conflict", error.description, kind: kind, name: name)
        case .gone: self.init(410, "Expired", error.description)
        case .forbidden: self.init(403, "Forbidden", error.description)
        case .unavailable: self.init(503, "ServiceUnavailable", error.description)
        }
    }

    static let notFound = APIFailure(404, "NotFound", "the server has no such path; see /apis for what is served")
    static let methodNotAllowed = APIFailure(405, "MethodNotAllowed", "this path does not take that method")
}
