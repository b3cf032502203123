import MeshModel

/// Answers "may I?" and "what may I?" (`authorization.k8s.io/v1`): what `kubectl auth can-i` asks. Only about oneself.
enum AccessReview {
    static let group = "authorization.k8s.io"
    static let version = "v1"
    static let accessResource = "selfsubjectaccessreviews"
    static let rulesResource = "selfsubjectrulesreviews"

    /// The answer to a SelfSubjectAccessReview.
    static func access(_ review: JSONValue, of user: APIUser) throws(APIFailure) -> JSONValue {
        let request: AccessRequest
        if let asked = review.member("spec", "resourceAttributes"), asked.asObject != nil {
            let text = { (key: String) in asked[key]?.asString ?? "" }
            let resource = text("resource")
            let isNamespaceItself = resource == ResourceKind.namespace.plural && text("group").isEmpty
            request = AccessRequest(
                verb: text("verb"),
                target: .resource(
                    group: text("group"), resource: resource, subresource: text("subresource"),
                    namespace: isNamespaceItself && !text("name").isEmpty ? text("name") : text("namespace"),
                    name: text("name")))
        } else if let asked = review.member("spec", "nonResourceAttributes"), asked.asObject != nil {
            request = AccessRequest(
                verb: asked["verb"]?.asString ?? "", target: .path(asked["path"]?.asString ?? ""))
        } else {
            throw .invalid("spec", "is required; give resourceAttributes or nonResourceAttributes")
        }
        let decision = AccessPolicy.decide(user, request)
        return answer(
            "SelfSubjectAccessReview", review,
            ["allowed": .bool(decision.isAllowed), "reason": .string(decision.reason)])
    }

    /// The answer to a SelfSubjectRulesReview.
    static func rules(_ review: JSONValue, of user: APIUser) throws(APIFailure) -> JSONValue {
        let namespace = review.member("spec", "namespace")?.asString ?? ""
        guard !namespace.isEmpty else {
            throw .invalid("spec.namespace", "is required; rules are listed for one namespace")
        }
        let rules = AccessPolicy.rules(of: user, namespace: namespace)
        let list = { (texts: [String]) in JSONValue.array(texts.map(JSONValue.string)) }
        let resources = rules.filter { $0.paths.isEmpty }.map { rule -> JSONValue in
            .object([
                "verbs": list(rule.verbs), "apiGroups": list(rule.groups), "resources": list(rule.resources),
                "resourceNames": list(rule.names),
            ])
        }
        let paths = rules.filter { !$0.paths.isEmpty }.map { rule -> JSONValue in
            .object(["verbs": list(rule.verbs), "nonResourceURLs": list(rule.paths)])
        }
        return answer(
            "SelfSubjectRulesReview", review,
            ["resourceRules": .array(resources), "nonResourceRules": .array(paths), "incomplete": .bool(false)])
    }

    private static func answer(_ kind: String, _ review: JSONValue, _ status: JSONObject) -> JSONValue {
        .object([
            "kind": .string(kind), "apiVersion": .string("\(group)/\(version)"), "metadata": .object([:]),
            "spec": review["spec"] ?? .object([:]), "status": .object(status),
        ])
    }
}
