import MeshModel

/// Answers "who am I?" (`authentication.k8s.io/v1`): what `kubectl auth whoami` asks.
enum SelfReview {
    static let group = "authentication.k8s.io"
    static let version = "v1"
    static let resource = "selfsubjectreviews"

    static func answer(_ user: APIUser) -> JSONValue {
        .object([
            "kind": .string("SelfSubjectReview"), "apiVersion": .string("\(group)/\(version)"),
            "metadata": .object([:]),
            "status": .object([
                "userInfo": .object([
                    "username": .string(user.name), "groups": .array(user.groups.map(JSONValue.string)),
                ])
            ]),
        ])
    }
}
