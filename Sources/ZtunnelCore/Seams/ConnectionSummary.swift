package import LinuxSystem

/// One live connection as `/config_dump` shows it (Z 8.3).
package struct ConnectionSummary: Sendable {
    /// Which side of the workload it is on.
    package enum Direction: Sendable {
        /// Captured from the workload.
        case outbound
        /// To the workload.
        case inbound
    }

    /// How it travels.
    package enum Transport: String, Sendable {
        /// Plain TCP.
        case tcp = "TCP"
        /// A CONNECT stream in a tunnel.
        case hbone = "HBONE"
    }

    /// The enrolment's uid.
    package let workloadUID: String
    /// Which side of the workload it is on.
    package let direction: Direction
    /// Who opened it.
    package let source: SocketAddress
    /// Where it was going when it was captured or accepted.
    package let originalDestination: SocketAddress
    /// Where this node sent it.
    package let actualDestination: SocketAddress
    /// How it travels.
    package let transport: Transport
    /// Seconds since it was accepted.
    package let ageSeconds: UInt64
}
