package import MeshModel

/// Judges a connection to `destination` by the policies of `snapshot` (Z 4.3).
///
/// Policies that apply: all global ones, those of the workload's namespace, and those that the workload names. In order: a
/// deny policy that matches denies; a named policy that is not known denies; without allow policies the connection is
/// allowed; an allow policy that matches allows; everything else is denied. Policies in dry run do not count.
///
/// Pure, any thread; costs one look at each policy that applies.
package func evaluate(
    snapshot: MeshSnapshot, destination: Workload, connection: ConnectionFacts
) -> AuthorizationDecision {
    let peer = PeerFacts(connection)
    var hasAllowPolicies = false
    var isAllowed = false

    func denies(_ policy: Authorization) -> Bool {
        if policy.isDryRun { return false }
        switch policy.action {
        case .deny:
            return policy.matches(peer)
        case .allow:
            hasAllowPolicies = true
            if !isAllowed { isAllowed = policy.matches(peer) }
            return false
        }
    }

    for policy in snapshot.globalPolicies where denies(policy) { return .deny(.explicit(policy.key)) }
    for policy in snapshot.policies(namespace: destination.namespace) where denies(policy) {
        return .deny(.explicit(policy.key))
    }
    var unknown: PolicyName?
    for name in destination.authorizationPolicies {
        guard let policy = snapshot.policy(name) else {
            unknown = unknown ?? name
            continue
        }
        if denies(policy) { return .deny(.explicit(name)) }
    }
    if let unknown { return .deny(.unknownPolicy(unknown)) }
    return !hasAllowPolicies || isAllowed ? .allow : .deny(.notAllowed)
}

/// What the policies in dry run would have done to the same connection. For logs; nothing is decided by it.
package func dryRunFindings(
    snapshot: MeshSnapshot, destination: Workload, connection: ConnectionFacts
) -> [DryRunFinding] {
    let peer = PeerFacts(connection)
    let applicable =
        snapshot.globalPolicies + snapshot.policies(namespace: destination.namespace)
        + destination.authorizationPolicies.compactMap { snapshot.policy($0) }
    var findings: [DryRunFinding] = []
    var hasDryRunAllow = false
    var hasMatchingDryRunAllow = false
    for policy in applicable where policy.isDryRun {
        let matches = policy.matches(peer)
        switch policy.action {
        case .deny:
            if matches { findings.append(.wouldDeny(policy.key)) }
        case .allow:
            hasDryRunAllow = true
            if matches {
                hasMatchingDryRunAllow = true
                findings.append(.wouldAllow(policy.key))
            }
        }
    }
    let hasEnforcedAllow = applicable.contains { !$0.isDryRun && $0.action == .allow }
    if hasDryRunAllow, !hasMatchingDryRunAllow, !hasEnforcedAllow { findings.append(.wouldNotAllow) }
    return findings
}
