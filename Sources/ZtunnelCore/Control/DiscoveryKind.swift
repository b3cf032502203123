/// The resource types that a node subscribes to, all of them as wildcards (Z 5.1).
package enum DiscoveryKind: String, CaseIterable, Sendable {
    /// Workloads and services.
    case address = "type.googleapis.com/istio.workload.Address"
    /// L4 authorization policies.
    case authorization = "type.googleapis.com/istio.security.Authorization"

    /// The type URL.
    package var typeURL: String { rawValue }
}
