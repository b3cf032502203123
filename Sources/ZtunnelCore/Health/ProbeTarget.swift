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
    /// The workload, `namespace/name`.
    package let uid: String
    /// Its WorkloadGroup, `namespace/name`.
    package let group: String
    /// Where commands run.
    package let place: CommandPlace

    /// Names what is asked.
    package init(
        version: String, probe: ReadinessProbe, namespace: NetworkNamespace?, addresses: [IPAddress],
        uid: String, group: String, place: CommandPlace
    ) {
        self.version = version
        self.probe = probe
        self.namespace = namespace
        self.addresses = addresses
        self.uid = uid
        self.group = group
        self.place = place
    }

    /// Whether nothing about the question has changed.
    func isSame(as other: ProbeTarget) -> Bool {
        version == other.version && probe == other.probe && addresses == other.addresses
            && namespace?.identity == other.namespace?.identity && group == other.group && place == other.place
    }

    /// Where to connect; nil for a host that is not the workload's (a node is not sent to others), and for a command.
    package var address: TransportAddress? {
        guard let port = probe.port else { return nil }
        switch probe.host {
        case "": return addresses.first.map { TransportAddress(ip: $0, port: port) }
        case "localhost": return TransportAddress(ip: IPAddress(ipv4: 127, 0, 0, 1), port: port)
        default:
            return IPAddress(probe.host).flatMap { ip in
                ip.isLoopback || addresses.contains(ip) ? TransportAddress(ip: ip, port: port) : nil
            }
        }
    }
}
