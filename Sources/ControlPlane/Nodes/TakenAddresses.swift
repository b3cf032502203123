package import MeshModel

/// The addresses that a node may not report for a workload of its own, each with whose it is. Pure.
///
/// A node that reports an address draws the mesh's connections to that address into its tunnel, so it must not be able to take
/// a service's virtual address, another node's workload, or what an administrator wrote down.
package struct TakenAddresses: Sendable {
    /// The ranges that automatic addresses of services are taken from (I 1.4): never a host's.
    private static let automatic = ["240.240.0.0/16", "2001:2::/48"].compactMap { CIDR($0) }

    private var workloads: [NetworkAddress: String] = [:]
    private var services: [IPAddress: String] = [:]

    /// Reads all resources of the mesh; the entries of `node` itself do not count.
    package init(_ resources: [Resource], except node: String) {
        for resource in resources {
            switch resource.kind {
            case .workloadEntry: take(entry: resource, except: node)
            case .service:
                let addresses =
                    [resource.spec?["clusterIP"]?.asString ?? ""] + (resource.spec?["clusterIPs"]?.strings ?? [])
                for text in addresses { take(service: text, resource) }
            case .serviceEntry:
                // A range is where traffic goes out, and hosts may well live in it; only single addresses are somebody's.
                for text in resource.spec?["addresses"]?.strings ?? [] { take(service: text, resource) }
                for endpoint in resource.spec?["endpoints"]?.asArray ?? [] {
                    take(workload: endpoint["address"]?.asString, endpoint["network"]?.asString, Self.name(resource))
                }
            case .namespace, .serviceAccount, .workloadGroup, .virtualService, .destinationRule, .gateway, .sidecar,
                .secret, .peerAuthentication, .authorizationPolicy:
                break
            }
        }
    }

    /// Whose an address is; nil where a node may report it.
    package func owner(of address: NetworkAddress) -> String? {
        if let owner = workloads[address] ?? services[address.ip] { return owner }
        if Self.automatic.contains(where: { $0.contains(address.ip) }) {
            return "the range of automatic addresses of services"
        }
        return nil
    }

    private mutating func take(entry: Resource, except node: String) {
        let owner = entry.metadata.labels[WorkloadEntryDocument.nodeLabel]
        guard owner != node else { return }
        let name = Self.name(entry) + (owner.map { " on node \($0)" } ?? "")
        let network = entry.spec?["network"]?.asString
        take(workload: entry.spec?["address"]?.asString, network, name)
        let more = entry.metadata.annotations[WorkloadEntryDocument.addressesAnnotation] ?? ""
        for text in more.split(separator: ",") { take(workload: String(text), network, name) }
    }

    private mutating func take(workload text: String?, _ network: String?, _ owner: String) {
        guard let address = text.flatMap({ IPAddress($0) }) else { return }
        workloads[NetworkAddress(network: network ?? "", ip: address)] = owner
    }

    private mutating func take(service text: String, _ resource: Resource) {
        guard let range = CIDR(text), range.prefixLength == range.address.bitWidth else { return }
        services[range.address] = Self.name(resource)
    }

    private static func name(_ resource: Resource) -> String {
        "\(resource.kind.kind) \(resource.metadata.namespace)/\(resource.metadata.name)"
    }
}
