package import LinuxNetfilter
package import MeshModel

/// What the node must know of a workload in the host's own network namespace before it takes it, and watches afterwards.
package struct HostFacts: Equatable, Sendable {
    /// A port that the workload listens on.
    package struct Listening: Hashable, Comparable, Sendable {
        /// The port.
        package let port: UInt16
        /// Whether only this host can reach it.
        package let isLoopback: Bool

        package static func < (left: Listening, right: Listening) -> Bool { left.port < right.port }
    }

    /// The addresses at which other hosts reach this one.
    package var addresses: [IPAddress]
    /// Whose packets are the workload's, with what tells each control group from a later one of the same path.
    package var groups: [ControlGroupPath: UInt64]
    /// The user, for enrolments by user.
    package var user: UInt32?
    /// What it listens on, by port.
    package var listening: [Listening]
    /// What an administrator should know though the workload is captured: it does not run, or does not exist yet.
    package var note: String?

    /// Whose packets are the workload's.
    package var senders: Set<HostSender> {
        Set(groups.keys.map(HostSender.controlGroup)).union(user.map { [.user($0)] } ?? [])
    }
}
