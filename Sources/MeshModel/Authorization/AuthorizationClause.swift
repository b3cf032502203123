/// A clause of a rule: any match is enough; without any it is true.
package struct AuthorizationClause: Hashable, Sendable {
    /// The alternatives.
    package let matches: [AuthorizationMatch]

    /// The clause of these alternatives.
    package init(_ matches: [AuthorizationMatch]) { self.matches = matches }
}
