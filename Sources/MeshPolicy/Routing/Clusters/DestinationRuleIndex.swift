import MeshModel

/// Finds the DestinationRule of a host (I 2.14): in the proxy's namespace, the service's, the root's; in each the most
/// specific host. Several rules of one host in one namespace are one: their subsets together, the oldest's policy.
struct DestinationRuleIndex: Sendable {
    /// The rules of one host in one namespace, merged.
    struct Rule: Sendable {
        let host: HostName
        var trafficPolicy: DestinationRuleSpec.TrafficPolicy?
        var subsets: [DestinationRuleSpec.Subset]
        /// The resources that it comes from, oldest first.
        var origins: [String]
    }

    private var exact: [String: [String: Rule]] = [:]
    /// By namespace, the most specific first.
    private var wildcards: [String: [Rule]] = [:]
    private let namespace: String
    private let rootNamespace: String

    init(_ sources: RoutingSources) {
        namespace = sources.namespace
        rootNamespace = sources.mesh.rootNamespace
        let proxyLabels = sources.labels
        for rule in sources.destinationRules.sorted(by: Configured.isOlder) {
            let spec = rule.spec
            guard ExportScope.includes(sources.namespace, exportTo: spec.exportTo, owner: rule.namespace) else {
                continue
            }
            if let selector = spec.workloadSelector {
                // It is for clients with these labels, and the client of an endpoint is this proxy.
                guard rule.namespace == sources.namespace,
                    selector.allSatisfy({ proxyLabels[$0.key] == $0.value })
                else { continue }
            }
            let host = HostName(spec.host, in: rule.namespace, domainSuffix: sources.mesh.domainSuffix)
            add(rule, host)
        }
        for namespace in wildcards.keys { wildcards[namespace]?.sort { HostName.isMoreSpecific($0.host, $1.host) } }
    }

    private mutating func add(_ rule: Configured<DestinationRuleSpec>, _ host: HostName) {
        let new = Rule(
            host: host, trafficPolicy: rule.spec.trafficPolicy, subsets: rule.spec.subsets,
            origins: ["DestinationRule \(rule.reference)"])
        if host.isWildcard {
            if let place = wildcards[rule.namespace]?.firstIndex(where: { $0.host == host }) {
                if let old = wildcards[rule.namespace]?[place] {
                    wildcards[rule.namespace]?[place] = Self.merge(old, new)
                }
            } else {
                wildcards[rule.namespace, default: []].append(new)
            }
        } else {
            let old = exact[rule.namespace]?[host.text]
            exact[rule.namespace, default: [:]][host.text] = old.map { Self.merge($0, new) } ?? new
        }
    }

    private static func merge(_ old: Rule, _ new: Rule) -> Rule {
        var result = old
        let names = Set(old.subsets.map(\.name))
        result.subsets += new.subsets.filter { !names.contains($0.name) }
        result.trafficPolicy = old.trafficPolicy ?? new.trafficPolicy
        result.origins += new.origins
        return result
    }

    /// The rule for a service; nil where there is none.
    func rule(for service: ServiceName) -> Rule? {
        let host = HostName(service.hostname)
        for scope in [namespace, service.namespace, rootNamespace] {
            if let rule = exact[scope]?[host.text] { return rule }
            if let rule = wildcards[scope]?.first(where: { host.isSubset(of: $0.host) }) { return rule }
        }
        return nil
    }
}
