package import NodeCore

/// Whether a new generation can serve everything that the old one serves. Pure.
package struct TakeoverReadiness: Hashable, Sendable {
    /// How far a workload is in the new generation.
    package enum Progress: Hashable, Sendable {
        /// Being readied.
        case underWay
        /// It could be served.
        case readied
        /// It is not there any more: the host took it away since.
        case gone
        /// It cannot be served.
        case failed(String)
    }

    /// One workload that the old generation serves.
    package struct Workload: Hashable, Sendable {
        /// Which.
        package var uid: String
        /// How far it is.
        package var progress: Progress
        /// Whether its certificate is usable where the old one's is.
        package var hasCertificate: Bool

        /// How far `uid` is.
        package init(uid: String, progress: Progress, hasCertificate: Bool) {
            self.uid = uid
            self.progress = progress
            self.hasCertificate = hasCertificate
        }
    }

    /// Whether the state of the mesh is there, if the old generation had it.
    package var hasSnapshot: Bool
    /// Everything that the old generation serves.
    package var workloads: [Workload]

    /// The facts.
    package init(hasSnapshot: Bool, workloads: [Workload]) {
        self.hasSnapshot = hasSnapshot
        self.workloads = workloads
    }

    /// A failure is told before what is merely missing.
    package var verdict: TakeoverVerdict {
        guard hasSnapshot else {
            return .fail("the state of the mesh, which the running ztunnel has, cannot be read from the disk")
        }
        for workload in workloads {
            if case .failed(let reason) = workload.progress {
                return .fail(
                    "the workload \(workload.uid), which the running ztunnel serves, cannot be served: \(reason)")
            }
        }
        for workload in workloads where workload.progress != .gone {
            if workload.progress == .underWay { return .wait("the workload \(workload.uid)") }
            if !workload.hasCertificate { return .wait("the certificate of the workload \(workload.uid)") }
        }
        return .ready
    }
}
