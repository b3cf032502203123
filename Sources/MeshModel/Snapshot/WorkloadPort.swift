/// A port of an address: what identifies one of several workloads that share the address (D4).
struct WorkloadPort: Hashable, Sendable {
    /// The address.
    let address: NetworkAddress
    /// The port that a workload listens on there.
    let port: UInt16
}
