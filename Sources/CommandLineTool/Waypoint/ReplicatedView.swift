import MeshModel

/// A waypoint or gateway of the mesh with the processes that run it. Pure.
protocol ReplicatedView: Sendable {
    var namespace: String { get }
    var name: String { get }
    /// By node.
    var replicas: [ProxyReplica] { get }
    /// What systemd calls it on a host.
    var unit: String { get }
}

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

extension ReplicatedView {
    /// Whether requests can go through it.
    var isProgrammed: Bool { replicas.contains(where: \.isReady) }

    /// `namespace/name`
    var reference: String { "\(namespace)/\(name)" }

    /// The hosts that run it.
    var nodes: [String] { replicas.map(\.node).filter { !$0.isEmpty } }

    /// Why it is or is not programmed, in one word and in a sentence.
    var condition: (reason: String, message: String) {
        let ready = replicas.filter(\.isReady)
        guard !replicas.isEmpty else {
            return ("NoReplica", "no host runs it; on one: systemctl enable --now \(unit)")
        }
        let count = "\(ready.count) of \(replicas.count) ready"
        let waiting = replicas.filter { !$0.isReady }.map(\.node).filter { !$0.isEmpty }
        guard !ready.isEmpty else {
            return ("NotReady", "\(count); on \(waiting.joined(separator: ", ")): systemctl status \(unit)")
        }
        let hosts = nodes.isEmpty ? "" : ": \(nodes.joined(separator: ", "))"
        return ("Programmed", count + hosts)
    }
}
