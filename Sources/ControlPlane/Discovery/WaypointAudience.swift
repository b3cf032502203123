import MeshModel

/// Which nodes may have which objects of those that act on requests (DESIGN D7). Pure.
///
/// A node runs a waypoint or gateway where it hosts one of its workloads: a WorkloadEntry that ambitd stored for it, which it does
/// only for identities that the node was granted, and takes away with the grant. Such a node gets what routes traffic. A Secret
/// goes to a node only where a gateway in the Secret's own namespace runs there and something that this gateway takes in names it;
/// the Service of a waypoint or gateway to the nodes that run it: to them it is the sign that all the rest has come as well.
struct WaypointAudience {
    private struct Proxy {
        let node: String
        let namespace: String
        let labels: [String: String]
    }

    /// The nodes that run a waypoint or gateway.
    let nodes: Set<String>
    /// The nodes that may have a Secret, by `namespace/name`.
    private var secrets: [String: Set<String>] = [:]
    /// The nodes that run the waypoint or gateway of a Service, by `namespace/name`.
    private var ownServices: [String: Set<String>] = [:]

    init(_ resources: [Resource]) {
        let byKind = Dictionary(grouping: resources, by: \.kind)
        let gateways = (byKind[.gateway] ?? []).compactMap { resource in
            (try? GatewaySpec(resource.object)).map { (resource, $0) }
        }
        let services = (byKind[.service] ?? []).filter { Self.role(of: $0) != nil }
        let selectors = gateways.map(\.1.selector).filter { !$0.isEmpty }
        let proxies = (byKind[.workloadEntry] ?? []).compactMap { entry -> Proxy? in
            guard let node = entry.metadata.labels[WorkloadEntryDocument.nodeLabel] else { return nil }
            var labels = entry.metadata.labels
            labels.merge(entry.spec?["labels"]?.stringMap ?? [:]) { _, new in new }
            let namespace = entry.metadata.namespace
            let proxy = Proxy(node: node, namespace: namespace, labels: labels)
            guard
                labels[GatewayMarks.gatewayName] != nil || services.contains(where: { Self.runs(proxy, $0) })
                    || selectors.contains(where: { Self.selects($0, labels) })
            else { return nil }
            return proxy
        }
        nodes = Set(proxies.map(\.node))
        for service in services {
            ownServices[service.reference] = Set(proxies.filter { Self.runs($0, service) }.map(\.node))
        }
        for (_, spec) in gateways {
            let names = Set(spec.servers.compactMap(\.tls).flatMap(Self.secretNames))
            for proxy in proxies where Self.selects(spec.selector, proxy.labels) {
                for name in names { secrets["\(proxy.namespace)/\(name)", default: []].insert(proxy.node) }
            }
        }
        let originating = Set(
            (byKind[.destinationRule] ?? []).compactMap { try? DestinationRuleSpec($0.object) }
                .flatMap(Self.secretNames))
        for proxy in proxies {
            for name in originating { secrets["\(proxy.namespace)/\(name)", default: []].insert(proxy.node) }
        }
    }

    private enum Role {
        case gateway
        case waypoint
    }

    /// What a Service is the Service of; nil for one of other workloads.
    private static func role(of service: Resource) -> Role? {
        if service.metadata.labels["istio.io/waypoint-for"] != nil { return .waypoint }
        return service.metadata.labels[GatewayMarks.service] == nil ? nil : .gateway
    }

    /// The nodes that may have an object.
    func nodes(for resource: Resource) -> Set<String> {
        switch resource.kind {
        case .secret: secrets[resource.reference] ?? []
        case .service: ownServices[resource.reference] ?? []
        default: nodes
        }
    }

    /// Whether a proxy runs the waypoint or gateway of a Service: by its name, or a waypoint as an endpoint of the Service.
    private static func runs(_ proxy: Proxy, _ service: Resource) -> Bool {
        guard service.metadata.namespace == proxy.namespace else { return false }
        if proxy.labels[GatewayMarks.gatewayName] == service.metadata.name { return true }
        let selector = service.spec?["selector"]?.stringMap ?? [:]
        return role(of: service) == .waypoint && !selector.isEmpty && selects(selector, proxy.labels)
    }

    private static func selects(_ selector: [String: String], _ labels: [String: String]) -> Bool {
        selector.allSatisfy { labels[$0.key] == $0.value }
    }

    private static func secretNames(_ tls: GatewaySpec.ServerTLS) -> [String] {
        let names = [tls.credentialName].compactMap { $0 } + tls.credentialNames
        return names + [tls.caCertCredentialName].compactMap { $0 } + names.map { $0 + SecretSpec.rootsSuffix }
    }

    private static func secretNames(_ rule: DestinationRuleSpec) -> [String] {
        let policies = [rule.trafficPolicy].compactMap { $0 } + rule.subsets.compactMap(\.trafficPolicy)
        return policies.flatMap { policy in
            ([policy.tls] + policy.portLevelSettings.map(\.tls)).compactMap { $0?.credentialName }
        }
    }
}
