import MeshModel

/// A waypoint of the mesh and what runs of it, out of the objects that are stored. Pure.
struct WaypointView: Equatable, Sendable {
    /// One process.
    struct Replica: Equatable, Sendable {
        /// The node that reported it; empty for an entry that was written by hand.
        let node: String
        /// Whether it can serve.
        let isReady: Bool
    }

    let namespace: String
    let name: String
    /// What it takes, as its label says.
    let traffic: String
    /// By node.
    let replicas: [Replica]

    /// The waypoints among `services`, by namespace and name, each with those of `entries` that its selector picks.
    static func all(services: [JSONValue], entries: [JSONValue]) -> [WaypointView] {
        services.compactMap { WaypointView($0, entries: entries) }
            .sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    }

    private init?(_ service: JSONValue, entries: [JSONValue]) {
        let metadata = service["metadata"]
        guard let traffic = metadata?["labels"]?[WaypointService.trafficLabel]?.asString else { return nil }
        let namespace = metadata?["namespace"]?.asString ?? ""
        let selector = service["spec"]?["selector"]?.stringMap ?? [:]
        self.namespace = namespace
        self.name = metadata?["name"]?.asString ?? ""
        self.traffic = traffic
        replicas = entries.compactMap { entry -> Replica? in
            var labels = entry["metadata"]?["labels"]?.stringMap ?? [:]
            let node = labels["ambit.io/node"] ?? ""
            labels.merge(entry["spec"]?["labels"]?.stringMap ?? [:]) { _, own in own }
            guard entry["metadata"]?["namespace"]?.asString == namespace, !selector.isEmpty,
                selector.allSatisfy({ labels[$0.key] == $0.value })
            else { return nil }
            let health = (entry["status"]?["conditions"]?.elements ?? []).first { $0["type"]?.asString == "Healthy" }
            return Replica(node: node, isReady: health?["status"]?.asString != "False")
        }.sorted { $0.node < $1.node }
    }

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

    /// What systemd calls it on a host.
    var unit: String { WaypointService.unit(namespace: namespace, name: name) }
}
