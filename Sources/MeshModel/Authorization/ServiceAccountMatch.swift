/// A condition on a peer's namespace and service account; its trust domain does not matter.
package struct ServiceAccountMatch: Hashable, Sendable, CustomStringConvertible {
    /// The namespace.
    package let namespace: String
    /// The service account.
    package let serviceAccount: String

    /// The service account `serviceAccount` of `namespace`.
    package init(namespace: String, serviceAccount: String) {
        self.namespace = namespace
        self.serviceAccount = serviceAccount
    }

    /// Whether `identity` is of that service account.
    package func matches(_ identity: SPIFFEIdentity) -> Bool {
        identity.namespace == namespace && identity.serviceAccount == serviceAccount
    }

    package var description: String { "\(namespace)/\(serviceAccount)" }
}
