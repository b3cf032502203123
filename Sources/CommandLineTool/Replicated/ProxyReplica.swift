import MeshModel

/// One process of a waypoint or gateway.
struct ProxyReplica: Equatable, Sendable {
    /// The node that reported it; empty for an entry that was written by hand.
    let node: String
    /// Whether it can serve.
    let isReady: Bool
    /// What it reports to be wrong with servers of its own; it may serve all the same.
    let problem: String?

    /// Those of `entries` that the selector of a Service picks, by node.
    static func all(of service: JSONValue, entries: [JSONValue]) -> [ProxyReplica] {
        let namespace = service["metadata"]?["namespace"]?.asString ?? ""
        let selector = service["spec"]?["selector"]?.stringMap ?? [:]
        return entries.compactMap { entry -> ProxyReplica? in
            var labels = entry["metadata"]?["labels"]?.stringMap ?? [:]
            let node = labels["ambit.io/node"] ?? ""
            labels.merge(entry["spec"]?["labels"]?.stringMap ?? [:]) { _, own in own }
            guard entry["metadata"]?["namespace"]?.asString == namespace, !selector.isEmpty,
                selector.allSatisfy({ labels[$0.key] == $0.value })
            else { return nil }
            func condition(_ type: String) -> JSONValue? {
                (entry["status"]?["conditions"]?.elements ?? []).first { $0["type"]?.asString == type }
            }
            let servers = condition("ServersReady")
            return ProxyReplica(
                node: node, isReady: condition("Healthy")?["status"]?.asString != "False",
                problem: servers?["status"]?.asString == "False" ? servers?["message"]?.asString ?? "unknown" : nil)
        }.sorted { $0.node < $1.node }
    }
}
