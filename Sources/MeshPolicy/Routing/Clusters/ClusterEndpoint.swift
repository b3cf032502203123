package import MeshModel

/// One endpoint of a cluster. Immutable; any thread. A class, since each try of a request takes one along.
package final class ClusterEndpoint: Sendable {
    /// What stays the same of it when configuration changes.
    package struct ID: Hashable, Sendable, CustomStringConvertible {
        /// The workload's uid.
        package let workload: String
        /// The workload's port.
        package let port: UInt16
        /// Which address of its name it is; nil for one that is not known by a name.
        package let address: IPAddress?

        package var description: String { address.map { "\(workload)@\($0):\(port)" } ?? "\(workload):\(port)" }
    }

    package let workload: Workload
    /// The workload's port.
    package let port: UInt16
    /// Its labels, as far as they are known.
    package let labels: [String: String]
    /// The priority of its locality: 0 is preferred (I 2.16).
    package let priority: Int
    /// The group of its locality among those of one priority, where shares are written; else 0.
    let group: Int
    /// Where it is reached, the address to try first at the beginning, where it is one of those that a name has; else empty: its
    /// workload's address holds, or a name that is not resolved yet.
    package let addresses: [IPAddress]

    init(
        workload: Workload, port: UInt16, labels: [String: String], priority: Int, group: Int,
        addresses: [IPAddress] = []
    ) {
        self.workload = workload
        self.port = port
        self.labels = labels
        self.priority = priority
        self.group = group
        self.addresses = addresses
    }

    /// An address that a client itself asked for at a service without endpoints of its own.
    package static func addressed(_ address: IPAddress, port: UInt16, of service: Service) -> ClusterEndpoint {
        let workload = Workload(
            uid: "\(service.hostname)@\(address)", name: service.name, namespace: service.namespace,
            addresses: [address])
        return ClusterEndpoint(workload: workload, port: port, labels: [:], priority: 0, group: 0)
    }

    /// Its share relative to the others.
    var weight: UInt32 { max(workload.capacity, 1) }

    func isSame(as other: ClusterEndpoint) -> Bool {
        workload === other.workload && port == other.port && priority == other.priority && group == other.group
            && labels == other.labels && addresses == other.addresses
    }

    /// What stays the same of it.
    package var id: ID { ID(workload: workload.uid, port: port, address: addresses.first) }

    /// The name to resolve to reach it; nil where it has an address.
    var name: String? { workload.addresses.isEmpty && !workload.hostname.isEmpty ? workload.hostname : nil }

    /// The same at some addresses of its name.
    func at(_ addresses: [IPAddress]) -> ClusterEndpoint {
        ClusterEndpoint(
            workload: workload, port: port, labels: labels, priority: priority, group: group, addresses: addresses)
    }
}
