import MeshModel

/// Who may do what: a pure function of the user's groups and of what is asked. Nothing is allowed that no rule allows.
package enum AccessPolicy {
    /// Whether the user may; with the group that allows it, or why not.
    package static func decide(_ user: APIUser, _ request: AccessRequest) -> (isAllowed: Bool, reason: String) {
        guard !user.name.isEmpty else { return (false, "the client certificate has no common name") }
        if AccessRule.everybody.contains(where: { $0.allows(request) }) {
            return (true, "allowed to everybody with a client certificate")
        }
        for (group, role) in user.roles where AccessRule.rules(of: role).contains(where: { $0.allows(request) }) {
            return (true, "allowed by the group \(group)")
        }
        let roles = user.roles.map { $0.group }
        return (
            false,
            roles.isEmpty
                ? "the certificate gives no role: its organizations are none of \(AccessRole.groupForms)"
                : "not allowed by \(roles.joined(separator: ", "))"
        )
    }

    /// Every rule that holds for the user in a namespace.
    static func rules(of user: APIUser, namespace: String) -> [AccessRule] {
        (AccessRule.everybody + user.roles.flatMap { AccessRule.rules(of: $0.role) }).filter { rule in
            switch rule.scope {
            case .everywhere: true
            case .namespace(let own): own == namespace
            }
        }
    }
}
