import MeshModel

/// Finds the VirtualServices of a service (I 2.1): those with its very host, else those with the longest wildcard. Several on
/// one host count one after the other, the oldest first. Only those of the service's namespace and of the waypoint's own
/// count: nobody else may route what is sent to a service.
struct VirtualServiceHosts {
    private var byHost: [HostName: [Configured<VirtualServiceSpec>]] = [:]
    /// The most specific first.
    private var wildcards: [HostName] = []
    private let namespace: String

    init(_ virtualServices: [Configured<VirtualServiceSpec>], _ sources: RoutingSources) {
        namespace = sources.namespace
        for owner in virtualServices {
            let gateways = GatewayName.effective(owner.spec.gateways, in: owner.namespace)
            guard gateways.contains(VirtualServiceSpec.mesh) else { continue }
            for host in Set(
                owner.spec.hosts.map {
                    HostName($0, in: owner.namespace, domainSuffix: sources.mesh.domainSuffix)
                })
            {
                byHost[host, default: []].append(owner)
            }
        }
        wildcards = byHost.keys.filter(\.isWildcard).sorted(by: HostName.isMoreSpecific)
    }

    /// The VirtualServices of a service, oldest first.
    func virtualServices(of service: ServiceName) -> [Configured<VirtualServiceSpec>] {
        let host = HostName(service.hostname)
        for candidate in [host] + wildcards where host.isSubset(of: candidate) {
            let owners = (byHost[candidate] ?? []).filter {
                $0.namespace == service.namespace || $0.namespace == namespace
            }
            if !owners.isEmpty { return owners }
        }
        return []
    }

}
