/// An authorization policy of layer 4, as a ztunnel enforces it (Z 4.3). It matches when any rule does.
///
/// Immutable.
package final class Authorization: Sendable {
    /// Which workloads a policy is for.
    package enum Scope: String, Hashable, Sendable {
        /// Every workload of the mesh.
        case global = "Global"
        /// The workloads of the policy's namespace.
        case namespace = "Namespace"
        /// The workloads that name the policy.
        case workloadSelector = "WorkloadSelector"
    }

    /// What a match means.
    package enum Action: String, Hashable, Sendable {
        /// The connection may pass; where there is an allow policy, nothing else may.
        case allow = "Allow"
        /// The connection may not pass.
        case deny = "Deny"
    }

    /// Namespace and name; the resource's name.
    package let key: PolicyName
    /// Which workloads it is for.
    package let scope: Scope
    /// What a match means.
    package let action: Action
    /// Whether it is only reported, never enforced.
    package let isDryRun: Bool
    /// Any one of them is enough. Without any the policy never matches.
    package let rules: [AuthorizationRule]

    /// A policy.
    package init(
        name: String, namespace: String, scope: Scope, action: Action, isDryRun: Bool = false,
        rules: [AuthorizationRule]
    ) {
        self.key = PolicyName(namespace: namespace, name: name)
        self.scope = scope
        self.action = action
        self.isDryRun = isDryRun
        self.rules = rules
    }

    /// The name.
    package var name: String { key.name }
    /// The namespace.
    package var namespace: String { key.namespace }
}

extension Authorization: Equatable {
    /// Equal in every field.
    package static func == (left: Authorization, right: Authorization) -> Bool {
        if left === right { return true }
        return left.key == right.key && left.scope == right.scope && left.action == right.action
            && left.isDryRun == right.isDryRun && left.rules == right.rules
    }
}

extension Authorization: CustomStringConvertible {
    package var description: String { key.description }
}
