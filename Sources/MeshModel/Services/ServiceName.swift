/// A service's key: the name of its resource, "namespace/hostname".
package struct ServiceName: Hashable, Sendable, Comparable, LosslessStringConvertible {
    /// The service's namespace.
    package let namespace: String
    /// The service's host name.
    package let hostname: String

    /// The service `hostname` of `namespace`.
    package init(namespace: String, hostname: String) {
        self.namespace = namespace
        self.hostname = hostname
    }

    /// Parses "namespace/hostname"; nil without exactly one slash or with an empty part.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(namespace: String(parts[0]), hostname: String(parts[1]))
    }

    package var description: String { "\(namespace)/\(hostname)" }

    /// By namespace, then host name.
    package static func < (left: ServiceName, right: ServiceName) -> Bool {
        (left.namespace, left.hostname) < (right.namespace, right.hostname)
    }
}
