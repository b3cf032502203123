package import MeshModel

/// An endpoint that was chosen, and its port.
package struct EndpointChoice: Sendable, Equatable {
    /// The workload.
    package let workload: Workload
    /// The port that the workload listens on.
    package let port: UInt16

    /// The port `port` of `workload`.
    package init(workload: Workload, port: UInt16) {
        self.workload = workload
        self.port = port
    }
}
