/// One alternative of a clause: every kind of condition that it has must hold.
///
/// A kind holds when its positive list is empty or has a hit, and its `not` list has no hit. A match without any
/// condition never matches.
package struct AuthorizationMatch: Hashable, Sendable {
    /// The peer's namespace; "" where the peer has no identity.
    package var namespaces: [StringMatch] = []
    /// Namespaces that the peer must not have.
    package var notNamespaces: [StringMatch] = []
    /// The peer's SPIFFE id without its scheme.
    package var principals: [StringMatch] = []
    /// Ids that the peer must not have. `[.presence]` is met by peers without identity alone: the form of STRICT.
    package var notPrincipals: [StringMatch] = []
    /// The peer's address.
    package var sourceIPs: [CIDR] = []
    /// Addresses that the peer must not have.
    package var notSourceIPs: [CIDR] = []
    /// The workload's address.
    package var destinationIPs: [CIDR] = []
    /// Addresses that the workload must not have.
    package var notDestinationIPs: [CIDR] = []
    /// The workload's port.
    package var destinationPorts: [UInt16] = []
    /// Ports that must not be meant.
    package var notDestinationPorts: [UInt16] = []
    /// The peer's service account.
    package var serviceAccounts: [ServiceAccountMatch] = []
    /// Service accounts that the peer must not have.
    package var notServiceAccounts: [ServiceAccountMatch] = []
    /// The kinds that had an element which could not be understood. With any, an allow policy's match never matches, and
    /// in a deny policy's match those kinds hold (D11).
    package var unusable: AuthorizationFields = []

    /// A match without conditions.
    package init() {}

    /// Whether it has no condition at all.
    package var isEmpty: Bool {
        namespaces.isEmpty && notNamespaces.isEmpty && principals.isEmpty && notPrincipals.isEmpty
            && sourceIPs.isEmpty && notSourceIPs.isEmpty && destinationIPs.isEmpty && notDestinationIPs.isEmpty
            && destinationPorts.isEmpty && notDestinationPorts.isEmpty && serviceAccounts.isEmpty
            && notServiceAccounts.isEmpty && unusable.isEmpty
    }
}
