package import MeshModel

/// Why a connection may not pass. The descriptions are those of the access log, without its prefix (Z 2.4).
package enum AuthorizationDenial: Sendable, Hashable, CustomStringConvertible {
    /// A deny policy matches.
    case explicit(PolicyName)
    /// There are allow policies and none of them matches.
    case notAllowed
    /// The workload names a policy that has not arrived: what it would say cannot be known (D11).
    case unknownPolicy(PolicyName)

    package var description: String {
        switch self {
        case .explicit(let policy): "explicitly denied by: \(policy)"
        case .notAllowed: "allow policies exist, but none allowed"
        case .unknownPolicy(let policy): "policy \(policy) is not known here yet"
        }
    }
}
