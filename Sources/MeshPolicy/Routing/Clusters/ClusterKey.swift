package import MeshModel

/// A port of a service, perhaps only some of its endpoints: what requests are sent to. Immutable; any thread. A class, since each request
/// takes one along, and it is mostly compared with itself.
package final class ClusterKey: Hashable, Sendable, CustomStringConvertible {
    package let service: ServiceName
    /// The service's port.
    package let port: UInt16
    /// Nil for all endpoints.
    package let subset: String?

    /// The cluster of these.
    package init(service: ServiceName, port: UInt16, subset: String? = nil) {
        self.service = service
        self.port = port
        self.subset = subset
    }

    package static func == (left: ClusterKey, right: ClusterKey) -> Bool {
        left === right || left.port == right.port && left.subset == right.subset && left.service == right.service
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(service)
        hasher.combine(port)
        hasher.combine(subset)
    }

    /// The name that Istio gives it: `outbound|9080|v1|reviews.default.svc.cluster.local`.
    package var description: String { "outbound|\(port)|\(subset ?? "")|\(service.hostname)" }

    /// The name that Istio's waypoints give to the clusters of services that are theirs (I 5.4). `carried`: for connections whose bytes
    /// are carried as they are.
    package func waypointName(carried: Bool = false) -> String {
        "inbound-vip|\(port)|\(carried ? "tcp" : "http")\(subset.map { "/" + $0 } ?? "")|\(service.hostname)"
    }
}
