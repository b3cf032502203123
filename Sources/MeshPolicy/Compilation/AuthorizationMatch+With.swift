import MeshModel

extension AuthorizationMatch {
    /// A match of which `body` sets the conditions.
    static func with(_ body: (inout AuthorizationMatch) -> Void) -> AuthorizationMatch {
        var match = AuthorizationMatch()
        body(&match)
        return match
    }
}
