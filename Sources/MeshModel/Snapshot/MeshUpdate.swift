/// A resource that is new or replaces the one of the same name.
package enum MeshUpdate: Sendable, Equatable {
    /// A workload, by uid.
    case workload(Workload)
    /// A service, by namespace and host name.
    case service(Service)
    /// A policy, by namespace and name.
    case policy(Authorization)
}
