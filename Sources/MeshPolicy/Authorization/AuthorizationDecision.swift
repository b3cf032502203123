/// Whether a connection may pass.
package enum AuthorizationDecision: Sendable, Hashable {
    /// It may.
    case allow
    /// It may not, and why.
    case deny(AuthorizationDenial)
}
