/// What tells gateways of the mesh from other services and workloads.
package enum GatewayMarks {
    /// The label of a gateway's Service, which `ambitctl gateway apply` makes. Its selector is what Gateways select by.
    package static let service = "ambit.io/gateway"
    /// The annotation of an entry that a waypoint or gateway has reported: its Service, `namespace/name`.
    package static let reporter = "ambit.io/waypoint"
    /// The label of its workloads, with its name.
    package static let gatewayName = "gateway.networking.k8s.io/gateway-name"
}
