package import MeshModel

/// What belongs to one workload in the host's own network namespace, whose addresses it shares with others (DESIGN D4).
///
/// Captured outbound connections reach the workload's own listener on the loopback addresses, and by that its identity is
/// known: the capture rules redirect by cgroup or user, which a process cannot choose (docs/design/shared-address.md).
/// Inbound, the workload is told from the others by its ports.
package struct HostPlace: Sendable, Hashable {
    /// Where its captured connections arrive, on 127.0.0.1 and ::1. No other workload of the node has the same.
    package let outboundPort: UInt16
    /// Where its captured questions arrive, on the same addresses, UDP and TCP.
    package let dnsPort: UInt16
    /// The ports that its application listens on. All others are refused.
    package var ports: Set<UInt16>
    /// The addresses of the host that it keeps to; empty stands for all of them.
    package let addresses: Set<IPAddress>

    /// Names what belongs to the workload.
    package init(outboundPort: UInt16, dnsPort: UInt16, ports: Set<UInt16>, addresses: Set<IPAddress> = []) {
        self.outboundPort = outboundPort
        self.dnsPort = dnsPort
        self.ports = ports
        self.addresses = addresses
    }

    /// Whether connections to `ip` may be meant for it.
    package func holds(_ ip: IPAddress) -> Bool { addresses.isEmpty || addresses.contains(ip) }

    /// A port that both claim on an address that both have; nil if they get along.
    package func conflict(with other: HostPlace) -> UInt16? {
        guard addresses.isEmpty || other.addresses.isEmpty || !addresses.isDisjoint(with: other.addresses) else {
            return nil
        }
        return ports.intersection(other.ports).min()
    }
}
