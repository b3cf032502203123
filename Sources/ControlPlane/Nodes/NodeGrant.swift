/// A namespace and service account whose workloads a node may host (DESIGN D7). `*` stands for every name.
package struct NodeGrant: Sendable, Hashable, CustomStringConvertible {
    /// The namespace, or `*`.
    package let namespace: String
    /// The service account, or `*`.
    package let serviceAccount: String

    /// Parses `NAMESPACE/SERVICEACCOUNT`; nil where it is not two names (RFC 1123 labels, or `*`) with one slash between.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy({ $0 == "*" || NodeName.isValid($0) }) else { return nil }
        namespace = parts[0]
        serviceAccount = parts[1]
    }

    /// Whether it covers this identity.
    package func covers(namespace: String, serviceAccount: String) -> Bool {
        (self.namespace == "*" || self.namespace == namespace)
            && (self.serviceAccount == "*" || self.serviceAccount == serviceAccount)
    }

    package var description: String { "\(namespace)/\(serviceAccount)" }
}
