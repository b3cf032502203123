/// How far one connection with the node agent got, and what follows from each request (Z 6.2). Pure.
///
/// The agent names every workload of the host first, then says that this was all; from then on it tells changes.
package struct ZDSSession: Equatable, Sendable {
    /// What is to be done for a request; it is acknowledged when it is done.
    package enum Step: Equatable, Sendable {
        /// Serve the workload in the network namespace that came along.
        case serve(uid: String, WorkloadReference)
        /// See that it is served.
        case keep(uid: String)
        /// Stop serving it.
        case stop(uid: String)
        /// Stop serving all but these.
        case stopAllBut(Set<String>)
    }

    private enum Phase: Equatable, Sendable {
        /// The workloads named so far.
        case snapshot(named: Set<String>)
        /// The snapshot is complete.
        case changes
    }

    private var phase = Phase.snapshot(named: [])

    /// A connection that was just made.
    package init() {}

    /// Whether the agent has named all workloads.
    package var hasSnapshot: Bool { phase == .changes }

    /// Takes the next request.
    package mutating func take(_ request: ZDSRequest) throws(ZDSProblem) -> Step {
        switch (phase, request) {
        case (.snapshot(let named), .add(let uid, let reference)):
            phase = .snapshot(named: named.union([uid]))
            return .serve(uid: uid, reference)
        case (.snapshot(let named), .keep(let uid)):
            phase = .snapshot(named: named.union([uid]))
            return .keep(uid: uid)
        case (.snapshot(let named), .remove(let uid)):
            // Gone between being named and the end of the snapshot.
            phase = .snapshot(named: named.subtracting([uid]))
            return .stop(uid: uid)
        case (.snapshot(let named), .snapshotSent):
            phase = .changes
            return .stopAllBut(named)
        case (.changes, .add(let uid, let reference)): return .serve(uid: uid, reference)
        case (.changes, .remove(let uid)): return .stop(uid: uid)
        case (.changes, .keep(let uid)):
            throw .protocolViolation("keep of \(uid) after the snapshot; send add")
        case (.changes, .snapshotSent):
            throw .protocolViolation("a second snapshot_sent; connect again to send another snapshot")
        }
    }
}
