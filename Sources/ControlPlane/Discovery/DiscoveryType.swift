/// The resource types that nodes subscribe to (Z 5.1). Raw values are the type URLs of the wire.
package enum DiscoveryType: String, Sendable, CaseIterable, Hashable {
    /// Certificates that peers must not accept; listed first, so that a node knows them before it is told of peers.
    case revocation = "type.googleapis.com/ambit.security.v1.Revocation"
    /// L4 policies; listed before workloads, so that a policy reaches a node before the workloads that name it.
    case authorization = "type.googleapis.com/istio.security.Authorization"
    /// Workloads and services.
    case address = "type.googleapis.com/istio.workload.Address"

    /// Objects that act on requests; after the services that they lead to.
    case networking = "type.googleapis.com/ambit.networking.v1.Resource"

    /// The name without the prefix of the type URL, for status and metrics.
    package var shortName: String {
        switch self {
        case .revocation: "ambit.security.v1.Revocation"
        case .authorization: "istio.security.Authorization"
        case .address: "istio.workload.Address"
        case .networking: "ambit.networking.v1.Resource"
        }
    }
}
