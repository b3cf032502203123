import Foundation
import MeshModel

/// What the table of each kind shows, as kubectl shows it in a cluster with Istio. Pure.
enum ResourceColumns {
    /// One row for each object, in their order.
    static func table(_ kind: ResourceKind, _ objects: [JSONValue], wide: Bool, now: Date) -> Table {
        let columns = columns(kind).filter { wide || !$0.isWide }
        return Table(
            columns.map(\.heading), rows: objects.map { object in columns.map { $0.cell(object, now) } })
    }

    private struct Column: Sendable {
        let heading: String
        var isWide = false
        let cell: @Sendable (JSONValue, Date) -> String
    }

    private static let name = Column(heading: "NAME") { object, _ in object["metadata"]?["name"]?.asString ?? "" }

    private static let age = Column(heading: "AGE") { object, now in
        Age.text(since: object["metadata"]?["creationTimestamp"]?.asString, now: now)
    }

    private static func columns(_ kind: ResourceKind) -> [Column] {
        [name] + particular(kind) + [age] + extra(kind)
    }

    private static func particular(_ kind: ResourceKind) -> [Column] {
        switch kind {
        case .service:
            [
                Column(heading: "TYPE") { object, _ in object["spec"]?["type"]?.asString ?? "ClusterIP" },
                Column(heading: "CLUSTER-IP") { object, _ in addresses(object) },
                Column(heading: "PORT(S)") { object, _ in ports(object) },
            ]
        case .serviceEntry:
            [
                Column(heading: "HOSTS") { object, _ in texts(object["spec"]?["hosts"]) },
                Column(heading: "LOCATION") { object, _ in object["spec"]?["location"]?.asString ?? "MESH_EXTERNAL" },
                Column(heading: "RESOLUTION") { object, _ in object["spec"]?["resolution"]?.asString ?? "NONE" },
            ]
        case .workloadEntry:
            [
                Column(heading: "ADDRESS") { object, _ in object["spec"]?["address"]?.asString ?? "" },
                Column(heading: "SERVICE ACCOUNT") { object, _ in
                    object["spec"]?["serviceAccount"]?.asString ?? Defaults.serviceAccount
                },
                Column(heading: "NODE") { object, _ in object["metadata"]?["labels"]?["ambit.io/node"]?.asString ?? ""
                },
            ]
        case .virtualService:
            [
                Column(heading: "GATEWAYS") { object, _ in texts(object["spec"]?["gateways"]) },
                Column(heading: "HOSTS") { object, _ in texts(object["spec"]?["hosts"]) },
            ]
        case .destinationRule: [Column(heading: "HOST") { object, _ in object["spec"]?["host"]?.asString ?? "" }]
        case .gateway: [Column(heading: "PORTS") { object, _ in servers(object) }]
        case .secret:
            [
                Column(heading: "TYPE") { object, _ in object["type"]?.asString ?? SecretSpec.Kind.opaque.rawValue },
                Column(heading: "DATA") { object, _ in "\(object["data"]?.members.count ?? 0)" },
            ]
        case .peerAuthentication:
            [Column(heading: "MODE") { object, _ in object["spec"]?["mtls"]?["mode"]?.asString ?? "UNSET" }]
        case .authorizationPolicy:
            [
                Column(heading: "ACTION") { object, _ in object["spec"]?["action"]?.asString ?? "ALLOW" },
                Column(heading: "RULES") { object, _ in "\(object["spec"]?["rules"]?.elements.count ?? 0)" },
            ]
        default: []
        }
    }

    private static func extra(_ kind: ResourceKind) -> [Column] {
        switch kind {
        case .namespace:
            [
                Column(heading: "WAYPOINT", isWide: true) { object, _ in
                    object["metadata"]?["labels"]?["istio.io/use-waypoint"]?.asString ?? ""
                }
            ]
        case .service:
            [Column(heading: "SELECTOR", isWide: true) { object, _ in pairs(object["spec"]?["selector"]) }]
        case .serviceEntry:
            [
                Column(heading: "ADDRESSES", isWide: true) { object, _ in
                    let given = texts(object["spec"]?["addresses"])
                    guard given.isEmpty else { return given }
                    return (object["status"]?["addresses"]?.elements ?? []).compactMap { $0["value"]?.asString }
                        .joined(separator: ",")
                }
            ]
        case .workloadEntry:
            [Column(heading: "LABELS", isWide: true) { object, _ in pairs(object["spec"]?["labels"]) }]
        case .gateway:
            [Column(heading: "SELECTOR", isWide: true) { object, _ in pairs(object["spec"]?["selector"]) }]
        case .peerAuthentication, .authorizationPolicy:
            [
                Column(heading: "SELECTOR", isWide: true) { object, _ in
                    let selector = pairs(object["spec"]?["selector"]?["matchLabels"])
                    return selector.isEmpty ? "(all)" : selector
                }
            ]
        default: []
        }
    }

    /// The addresses that were given or allocated; `None` for a headless service.
    private static func addresses(_ object: JSONValue) -> String {
        let all = texts(object["spec"]?["clusterIPs"])
        return all.isEmpty ? object["spec"]?["clusterIP"]?.asString ?? "" : all
    }

    /// `80/TCP,443/TCP`.
    private static func ports(_ object: JSONValue) -> String {
        (object["spec"]?["ports"]?.elements ?? []).map { port in
            "\(port["port"]?.integer ?? 0)/\(port["protocol"]?.asString ?? "TCP")"
        }.joined(separator: ",")
    }

    /// `80/HTTP,443/HTTPS`, of a Gateway's servers.
    private static func servers(_ object: JSONValue) -> String {
        (object["spec"]?["servers"]?.elements ?? []).map { server in
            "\(server["port"]?["number"]?.integer ?? 0)/\(server["port"]?["protocol"]?.asString ?? "")"
        }.joined(separator: ",")
    }

    private static func texts(_ list: JSONValue?) -> String {
        (list?.strings ?? []).joined(separator: ",")
    }

    private static func pairs(_ object: JSONValue?) -> String {
        (object?.members ?? []).map { "\($0.name)=\($0.value.asString ?? "")" }.sorted().joined(separator: ",")
    }
}
