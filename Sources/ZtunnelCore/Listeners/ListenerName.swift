/// Which listening socket of the node is meant: what a later process of the same node asks for it by (D10).
package struct ListenerName: Hashable, Sendable, CustomStringConvertible {
    /// What arrives on it.
    package enum Role: String, Sendable, CaseIterable {
        /// Captured outbound connections.
        case outbound
        /// The same on ::1, where a workload of the host has one listener a family.
        case outboundIPv6 = "outbound-ipv6"
        /// Captured plaintext connections.
        case plaintext
        /// Tunnels.
        case hbone
        /// DNS questions in datagrams, on 127.0.0.1.
        case dnsDatagrams = "dns-udp"
        /// The same on ::1.
        case dnsDatagramsIPv6 = "dns-udp-ipv6"
        /// DNS questions over TCP, on 127.0.0.1.
        case dnsStreams = "dns-tcp"
        /// The same on ::1.
        case dnsStreamsIPv6 = "dns-tcp-ipv6"
    }

    /// The uid of the workload that it serves; nil for those that the workloads of the host share.
    package let workload: String?
    /// What arrives on it.
    package let role: Role
    /// The worker that accepts on it; 0 for DNS, which has one thread.
    package let worker: Int

    /// Makes the name.
    package init(workload: String?, role: Role, worker: Int) {
        self.workload = workload
        self.role = role
        self.worker = worker
    }

    /// Unique on the node. No workload's uid is "host": uids have a namespace and a slash.
    package var description: String { "\(workload ?? "host") \(role.rawValue) \(worker)" }
}
