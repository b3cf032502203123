package import LinuxSystem
package import MeshModel
import NodeCore

/// A workload that is asked: with what, where.
package struct ProbeTarget: Sendable {
    /// Changes with every change of the WorkloadGroup; the question begins anew then.
    package let version: String
    package let probe: ReadinessProbe
    /// Where the sockets are made; nil: in the process's own.
    package let namespace: NetworkNamespace?
    /// The workload's addresses.
    package let addresses: [IPAddress]

    /// Names what is asked.
    package init(version: String, probe: ReadinessProbe, namespace: NetworkNamespace?, addresses: [IPAddress]) {
        self.version = version
        self.probe = probe
        self.namespace = namespace
        self.addresses = addresses
    }

    /// Whether nothing about the question has changed.
    func isSame(as other: ProbeTarget) -> Bool {
        version == other.version && probe == other.probe && addresses == other.addresses
            && namespace?.identity == other.namespace?.identity
    }

    /// Where to connect; nil for a host that is not the workload's: a node is not sent to others.
    package var address: TransportAddress? {
        switch probe.host {
        case "": addresses.first.map { TransportAddress(ip: $0, port: probe.port) }
        case "localhost": TransportAddress(ip: IPAddress(ipv4: 127, 0, 0, 1), port: probe.port)
        default:
            IPAddress(probe.host).flatMap { ip in
                ip.isLoopback || addresses.contains(ip) ? TransportAddress(ip: ip, port: probe.port) : nil
            }
        }
    }
}
