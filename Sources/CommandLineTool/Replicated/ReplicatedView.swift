/// A waypoint or gateway of the mesh with the processes that run it. Pure.
protocol ReplicatedView: Sendable {
    var namespace: String { get }
    var name: String { get }
    /// By node.
    var replicas: [ProxyReplica] { get }
    /// What systemd calls it on a host.
    var unit: String { get }
    /// What `status` says of it, one row each.
    var conditions: [ReplicatedCondition] { get }
}

extension ReplicatedView {
    /// Whether requests can go through it.
    var isProgrammed: Bool { replicas.contains(where: \.isReady) }

    /// `namespace/name`
    var reference: String { "\(namespace)/\(name)" }

    /// The hosts that run it.
    var nodes: [String] { replicas.map(\.node).filter { !$0.isEmpty } }

    /// Whether requests can go through it, and why or why not.
    var programmed: ReplicatedCondition {
        let (reason, message) = explanation
        return ReplicatedCondition(type: "Programmed", holds: isProgrammed, reason: reason, message: message)
    }

    var conditions: [ReplicatedCondition] { [programmed] }

    private var explanation: (reason: String, message: String) {
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
