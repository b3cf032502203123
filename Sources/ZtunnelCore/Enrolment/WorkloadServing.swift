package import NodeCore

/// What enrolment needs of the data path: begin and end to serve a workload.
package protocol WorkloadServing: Sendable {
    /// Opens the workload's listeners on the calling thread and serves it, or fails and leaves nothing behind.
    func add(_ workload: LocalWorkload) throws(DataPlaneError)
    /// Changes the ports of a workload that shares the host's addresses; connections to ports that it loses go on.
    func update(_ uid: String, ports: Set<UInt16>) throws(DataPlaneError)
    /// Stops serving; `completion` runs once, on any thread, when the last connection is gone.
    func remove(_ uid: String, mode: StopMode, completion: @escaping @Sendable () -> Void)
}

extension DataPlane: WorkloadServing {}
