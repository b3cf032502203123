import MeshModel

extension Authorization {
    /// STRICT, as the control plane expresses it: deny whoever has no identity.
    static var strict: Authorization {
        var match = AuthorizationMatch()
        match.notPrincipals = [.presence]
        return Authorization(
            name: "strict", namespace: "istio-system", scope: .global, action: .deny,
            rules: [AuthorizationRule([AuthorizationClause([match])])])
    }

    /// Denies one principal.
    static func deny(_ name: String, principal: String, scope: Scope = .namespace) -> Authorization {
        var match = AuthorizationMatch()
        match.principals = [.exact(principal)]
        return Authorization(
            name: name, namespace: "default", scope: scope, action: .deny,
            rules: [AuthorizationRule([AuthorizationClause([match])])])
    }
}
