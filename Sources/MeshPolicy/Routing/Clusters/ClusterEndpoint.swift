package import MeshModel

/// One endpoint of a cluster.
package struct ClusterEndpoint: Sendable {
    /// What stays the same of it when configuration changes.
    package struct ID: Hashable, Sendable, CustomStringConvertible {
        /// The workload's uid.
        package let workload: String
        /// The workload's port.
        package let port: UInt16

        package var description: String { "\(workload):\(port)" }
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

    /// Its share relative to the others.
    var weight: UInt32 { max(workload.capacity, 1) }

    func isSame(as other: ClusterEndpoint) -> Bool {
        workload === other.workload && port == other.port && priority == other.priority && group == other.group
            && labels == other.labels
    }

    /// What stays the same of it.
    package var id: ID { ID(workload: workload.uid, port: port) }
}
