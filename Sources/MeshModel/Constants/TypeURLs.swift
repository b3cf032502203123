/// The types of resources that nodes subscribe to (Z 5.1).
package enum TypeURLs {
    /// Workloads and services.
    package static let address = "type.googleapis.com/istio.workload.Address"
    /// Policies.
    package static let authorization = "type.googleapis.com/istio.security.Authorization"
    /// Objects that act on requests, for waypoints; ours.
    package static let networking = "type.googleapis.com/ambit.networking.v1.Resource"
    /// Certificates that peers must not accept any more; ours.
    package static let revocation = "type.googleapis.com/ambit.security.v1.Revocation"
}
