/// The resource types that node programs subscribe to, all of them as wildcards (Z 5.1).
package enum DiscoveryKind: String, CaseIterable, Sendable {
    /// Certificates that must not be accepted; asked for first, so that they are known before peers are.
    case revocation = "type.googleapis.com/ambit.security.v1.Revocation"
    /// Workloads and services.
    case address = "type.googleapis.com/istio.workload.Address"
    /// L4 authorization policies.
    case authorization = "type.googleapis.com/istio.security.Authorization"

    /// What acts on requests, as documents: for waypoints.
    case networking = "type.googleapis.com/ambit.networking.v1.Resource"

    /// What a ztunnel asks for.
    package static let ztunnel: [DiscoveryKind] = [.revocation, .address, .authorization]
    /// What a waypoint asks for.
    package static let waypoint: [DiscoveryKind] = ztunnel + [.networking]

    /// Whether a program that asks for it must have it before it serves. Istio's control plane knows no revocations and does not
    /// answer for them.
    package var isRequired: Bool { self != .revocation }

    /// The type URL.
    package var typeURL: String { rawValue }
}
