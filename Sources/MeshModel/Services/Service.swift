/// A name, addresses and ports that lead to any one of several workloads (Z 5.2). Its endpoints are in the snapshot.
///
/// Immutable; a reference, so that each connection can hold the record that it was decided by.
package final class Service: Sendable {
    /// Namespace and host name; the resource's name.
    package let key: ServiceName
    /// The short name.
    package let name: String
    /// Virtual addresses, in the order given. With none the host name resolves to the endpoints (headless).
    package let addresses: [NetworkAddress]
    /// Ranges of virtual addresses.
    package let ranges: [NetworkRange]
    /// The ports.
    package let ports: [ServicePort]
    /// Identities that a server of this service may present besides its workload's own.
    package let subjectAltNames: [String]
    /// Where connections to it must pass first.
    package let waypoint: GatewayAddress?
    /// Waypoints with shares; empty, or all of no weight: `waypoint`.
    package let weightedWaypoints: [WeightedWaypoint]
    /// How an endpoint is chosen.
    package let loadBalancing: LoadBalancing
    /// The families that it may be reached over.
    package let ipFamilies: IPFamilies
    /// Whether it is preferred among services that share a host name or an address.
    package let isCanonical: Bool
    /// Who may see it.
    package let visibility: ServiceVisibility

    /// A service. What is not given has the default that discovery gives it.
    package init(
        name: String, namespace: String, hostname: String, addresses: [NetworkAddress] = [],
        ranges: [NetworkRange] = [], ports: [ServicePort] = [], subjectAltNames: [String] = [],
        waypoint: GatewayAddress? = nil, weightedWaypoints: [WeightedWaypoint] = [],
        loadBalancing: LoadBalancing = LoadBalancing(), ipFamilies: IPFamilies = .automatic,
        isCanonical: Bool = false, visibility: ServiceVisibility = .everyone
    ) {
        self.key = ServiceName(namespace: namespace, hostname: hostname)
        self.name = name
        self.addresses = addresses
        self.ranges = ranges
        self.ports = ports
        self.subjectAltNames = subjectAltNames
        self.waypoint = waypoint
        self.weightedWaypoints = weightedWaypoints
        self.loadBalancing = loadBalancing
        self.ipFamilies = ipFamilies
        self.isCanonical = isCanonical
        self.visibility = visibility
    }

    /// The namespace.
    package var namespace: String { key.namespace }
    /// The host name.
    package var hostname: String { key.hostname }
    /// Whether it has no virtual address.
    package var isHeadless: Bool { addresses.isEmpty && ranges.isEmpty }
    /// Whether a waypoint stands before it.
    package var hasWaypoint: Bool { waypoint != nil || weightedWaypoints.contains { $0.weight > 0 } }

    /// Whether workloads of `namespace` may see it.
    package func isVisible(from namespace: String) -> Bool {
        visibility == .everyone || key.namespace == namespace
    }

    /// Whether `workload` is an endpoint that may be used as far as its health says.
    package func accepts(_ workload: Workload) -> Bool {
        workload.health == .healthy || loadBalancing.healthPolicy == .allowAll
    }
}

extension Service: Equatable {
    /// Equal in every field.
    package static func == (left: Service, right: Service) -> Bool {
        if left === right { return true }
        return left.key == right.key && left.name == right.name && left.addresses == right.addresses
            && left.ranges == right.ranges && left.ports == right.ports
            && left.subjectAltNames == right.subjectAltNames && left.waypoint == right.waypoint
            && left.weightedWaypoints == right.weightedWaypoints && left.loadBalancing == right.loadBalancing
            && left.ipFamilies == right.ipFamilies && left.isCanonical == right.isCanonical
            && left.visibility == right.visibility
    }
}

extension Service: CustomStringConvertible {
    package var description: String { key.description }
}
