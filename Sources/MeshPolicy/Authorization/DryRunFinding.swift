package import MeshModel

/// What a policy that is only reported would have done (Z 4.3).
package enum DryRunFinding: Sendable, Hashable, CustomStringConvertible {
    /// A deny policy matches.
    case wouldDeny(PolicyName)
    /// An allow policy matches.
    case wouldAllow(PolicyName)
    /// All allow policies are only reported, and none matches.
    case wouldNotAllow

    package var description: String {
        switch self {
        case .wouldDeny(let policy): "dry-run: deny policy match: \(policy)"
        case .wouldAllow(let policy): "dry-run: allow policy match: \(policy)"
        case .wouldNotAllow: "dry-run: no allow policies match"
        }
    }
}
