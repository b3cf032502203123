/// The resource types that a node subscribes to, all of them as wildcards (Z 5.1).
package enum DiscoveryKind: String, CaseIterable, Sendable {
    /// Certificates that must not be accepted; asked for first, so that they are known before peers are.
    case revocation = "type.googleapis.com/ambit.security.v1.Revocation"
    /// Workloads and services.
    case address = "type.googleapis.com/istio.workload.Address"
    /// L4 authorization policies.
    case authorization = "type.googleapis.com/istio.security.Authorization"

    /// What a node must have before it serves. Istio's control plane knows no revocations and does not answer for them.
    package static let required: Set<DiscoveryKind> = [.address, .authorization]

    /// The type URL.
    package var typeURL: String { rawValue }
}
