/// A rule of a policy: all clauses must match; without any it matches everything.
package struct AuthorizationRule: Hashable, Sendable {
    /// What must match: who connects, where to, and further conditions.
    package let clauses: [AuthorizationClause]

    /// The rule of these clauses.
    package init(_ clauses: [AuthorizationClause]) { self.clauses = clauses }
}
