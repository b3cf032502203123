import MeshModel

/// A gateway of the mesh, what runs of it, and what it is to open, out of the objects that are stored. Pure.
struct GatewayView: ReplicatedView, Equatable {
    let namespace: String
    let name: String
    let replicas: [ProxyReplica]
    /// The ports of the Gateways that select it, in order.
    let ports: [Int64]

    /// The gateways among `services`, by namespace and name, each with those of `entries` that its selector picks and those of
    /// `gateways` that select it.
    static func all(services: [JSONValue], entries: [JSONValue], gateways: [JSONValue]) -> [GatewayView] {
        services.compactMap { GatewayView($0, entries, gateways) }
            .sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    }

    private init?(_ service: JSONValue, _ entries: [JSONValue], _ gateways: [JSONValue]) {
        let metadata = service["metadata"]
        guard metadata?["labels"]?[GatewayMarks.service] != nil else { return nil }
        namespace = metadata?["namespace"]?.asString ?? ""
        name = metadata?["name"]?.asString ?? ""
        replicas = ProxyReplica.all(of: service, entries: entries)
        let labels = service["spec"]?["selector"]?.stringMap ?? [:]
        let selecting = gateways.filter { gateway in
            (gateway["spec"]?["selector"]?.stringMap ?? [:]).allSatisfy { labels[$0.key] == $0.value }
        }
        let numbers = selecting.flatMap { $0["spec"]?["servers"]?.elements ?? [] }
            .compactMap { server -> Int64? in
                guard case .int(let number)? = server["port"]?["number"] else { return nil }
                return number
            }
        ports = Set(numbers).sorted()
    }

    /// Whether every server of its Gateways is served by every host, as far as hosts say.
    var servers: ReplicatedCondition {
        let failing = replicas.compactMap { replica in
            replica.problem.map { replica.node.isEmpty ? $0 : "\(replica.node): \($0)" }
        }
        func condition(_ holds: Bool, _ reason: String, _ message: String) -> ReplicatedCondition {
            ReplicatedCondition(type: "ServersReady", holds: holds, reason: reason, message: message)
        }
        guard failing.isEmpty else { return condition(false, "ServersFail", failing.joined(separator: "; ")) }
        return replicas.isEmpty ? condition(false, "NoReplica", "no host runs it") : condition(true, "ServersReady", "")
    }

    var conditions: [ReplicatedCondition] { [programmed, servers] }

    /// What systemd calls it on a host.
    var unit: String { GatewayService.unit(namespace: namespace, name: name) }
}
