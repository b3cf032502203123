package import MeshModel

/// Which of a tunnel's workloads a CONNECT means, and where it goes.
package enum InboundDestination {
    /// To this workload, whose record is this, on this way.
    case forward(WorkloadServer, Workload, InboundRoute)
    /// Nowhere.
    case refuse(InboundRefusal)
    /// The mesh's record of this workload has not arrived; it may be the one.
    case wait(WorkloadServer)
}
