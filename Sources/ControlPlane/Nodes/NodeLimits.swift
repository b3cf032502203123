/// The bounds of what is kept of nodes.
package struct NodeLimits: Sendable {
    /// Workload certificates of one node that have not expired; a further request is refused. Default 4,096: a thousand
    /// workloads with a life of a day, renewed at half of it, twice over.
    package var certificatesPerNode = 4_096
    /// Certificates of the node itself that are accepted at the same time; the oldest goes first. Default 8.
    package var heldCertificates = 8
    /// Grants of one node. Default 256.
    package var grantsPerNode = 256
    /// Expired certificates that one refresh forgets. Default 10,000.
    package var forgottenPerRefresh = 10_000
    /// How often revocations are derived anew without a change through this ambitd. Default one minute.
    package var refreshInterval: Duration = .seconds(60)

    /// The defaults.
    package init() {}
}
