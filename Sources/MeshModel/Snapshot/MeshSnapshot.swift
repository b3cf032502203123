/// Everything that a node knows about the mesh at one moment: immutable, one reference, read by any thread.
///
/// Lookups are O(1), by virtual address range O(prefix lengths in use). Lists have a fixed order, the same on every node.
package final class MeshSnapshot: Sendable {
    private let tables: SnapshotTables
    /// Grows with each update of the builder that it came from.
    package let version: UInt64

    init(tables: SnapshotTables, version: UInt64) {
        self.tables = tables
        self.version = version
    }

    /// A mesh without anything in it.
    package static let empty = MeshSnapshot(tables: SnapshotTables(), version: 0)

    // MARK: workloads

    /// The workload of that uid.
    package func workload(uid: String) -> Workload? { tables.workloads[uid] }

    /// The workloads of an address, best ranked first: instances, then those reached over HBONE, then by uid (Z 3).
    /// Workloads of the host's network are not among them: the address is the host's.
    package func workloads(at address: NetworkAddress) -> [Workload] { tables.workloadsByAddress[address] ?? [] }

    /// Every workload that may open connections from an address: those of `workloads(at:)`, and those of the host's network.
    package func clients(at address: NetworkAddress) -> [Workload] {
        guard let host = tables.hostWorkloadsByAddress[address] else { return workloads(at: address) }
        return workloads(at: address) + host
    }

    /// The workload that a connection to `port` of `address` means: the one whose services lead to that port, or else the
    /// best ranked of those that have the address for themselves (D4). On an address of a host, ports that no service of a
    /// workload leads to are the host's own, and mean no workload.
    package func workload(at address: NetworkAddress, port: UInt16) -> Workload? {
        let sharing = tables.workloadsByAddress[address] ?? []
        let host = tables.hostWorkloadsByAddress[address] ?? []
        if host.isEmpty, sharing.count <= 1 { return sharing.first }
        return tables.workloadsByPort[WorkloadPort(address: address, port: port)]?.first
            ?? sharing.first { claims($0, port: port) } ?? host.first { claims($0, port: port) } ?? sharing.first
    }

    /// Whether `port` is one that a service of `workload` leads to.
    package func claims(_ workload: Workload, port: UInt16) -> Bool {
        for (name, mappings) in workload.services {
            for mapping in mappings where mapping.targetPort == port { return true }
            guard let service = tables.services[name] else { continue }
            for mapping in service.ports where mappings.target(of: mapping.port) ?? 0 == 0 {
                if mapping.targetPort == port { return true }
            }
        }
        return false
    }

    /// The best ranked workload that is resolved by this host name.
    package func workload(hostname: String) -> Workload? { tables.workloadsByHostname[hostname]?.first }

    /// The record of a workload that is known by name, as enrolment knows it. With `node`, only one that runs there.
    package func workload(namespace: String, name: String, serviceAccount: String, node: String?) -> Workload? {
        tables.workloadsByName["\(namespace)/\(name)"]?.first {
            $0.serviceAccount == serviceAccount && (node == nil || $0.node == node)
        }
    }

    /// Every workload, in no order.
    package var workloads: [Workload] { tables.workloads.values }

    // MARK: services

    /// The service of that key.
    package func service(_ name: ServiceName) -> Service? { tables.services[name] }

    /// The services of that host name, by key.
    package func services(hostname: String) -> [Service] { tables.servicesByHostname[hostname] ?? [] }

    /// The service of that host name that a client in `namespace` means: visible to it, in its namespace, else
    /// canonical, else the first (Z 4.2).
    package func service(hostname: String, from namespace: String) -> Service? {
        Self.choose(services(hostname: hostname), from: namespace)
    }

    /// The service that a client in `namespace` means by an address: of those with the very address, else of those with
    /// a range around it. Visible to it, in its namespace, with the longest prefix, canonical, first: in this order (Z 3).
    package func service(at address: NetworkAddress, from namespace: String) -> Service? {
        if let exact = tables.servicesByAddress[address], let service = Self.choose(exact, from: namespace) {
            return service
        }
        var fallback: Service?
        for (_, services) in tables.servicesByRange.services(containing: address) {
            guard let candidate = Self.choose(services, from: namespace) else { continue }
            if candidate.namespace == namespace { return candidate }
            fallback = fallback ?? candidate
        }
        return fallback
    }

    /// The services that have the very address, by key.
    package func services(at address: NetworkAddress) -> [Service] { tables.servicesByAddress[address] ?? [] }

    /// Every service, in no order.
    package var services: [Service] { tables.services.values }

    /// The endpoints of a service by uid, healthy or not.
    package func endpoints(of service: ServiceName) -> [Endpoint] { tables.endpoints[service] ?? [] }

    /// The names that workloads give as their services and that no service has, sorted.
    package var stagedServices: [ServiceName] {
        tables.endpoints.keys.filter { tables.services[$0] == nil }.sorted()
    }

    /// The choice among services that one client could mean: visible, in its namespace, canonical, first.
    private static func choose(_ services: [Service], from namespace: String) -> Service? {
        var best: Service?
        for service in services where service.isVisible(from: namespace) {
            if service.namespace == namespace { return service }
            if best == nil || (service.isCanonical && best?.isCanonical == false) { best = service }
        }
        return best
    }

    // MARK: policies

    /// The policy of that key.
    package func policy(_ name: PolicyName) -> Authorization? { tables.policies[name] }

    /// The policies for every workload, by key.
    package var globalPolicies: [Authorization] { tables.globalPolicies }

    /// The policies for every workload of a namespace, by key.
    package func policies(namespace: String) -> [Authorization] { tables.policiesByNamespace[namespace] ?? [] }

    /// Every policy, in no order.
    package var policies: [Authorization] { tables.policies.values }
}
