import FoundationEssentials
import MeshModel

/// Objects as the rows that `kubectl get` prints (`meta.k8s.io/v1` Table). Pure; the columns are those of Kubernetes and of
/// Istio's own definitions.
struct ResourceTable: Sendable {
    /// One column.
    private struct Column: Sendable {
        let name: String
        /// Shown with `-o wide` only.
        var isWide = false
        let cell: @Sendable (JSONValue) -> String
    }

    /// Which part of each object a row carries.
    enum Content: String, Sendable {
        case none = "None"
        case metadata = "Metadata"
        case object = "Object"
    }

    private let columns: [Column]
    private let content: Content

    /// The table of a kind at a moment: ages are counted to `now` when a row is made.
    init(_ kind: ResourceKind, content: Content, now: @escaping @Sendable () -> Date) {
        self.content = content
        let age = Column(name: "Age") { Self.age($0.member("metadata", "creationTimestamp")?.asString, now()) }
        let name = Column(name: "Name") { $0.member("metadata", "name")?.asString ?? "" }
        columns = [name] + Self.particular(kind) + [age] + Self.wide(kind)
    }

    /// The whole table.
    func document(_ objects: [JSONValue], revision: String) -> JSONValue {
        .object([
            "kind": .string("Table"), "apiVersion": .string("meta.k8s.io/v1"),
            "metadata": .object(["resourceVersion": .string(revision)]),
            "columnDefinitions": .array(columns.map(definition)), "rows": .array(objects.map(row)),
        ])
    }

    private func definition(_ column: Column) -> JSONValue {
        .object([
            "name": .string(column.name), "type": .string("string"),
            "format": .string(column.name == "Name" ? "name" : ""), "description": .string(column.name),
            "priority": .int(column.isWide ? 1 : 0),
        ])
    }

    private func row(_ object: JSONValue) -> JSONValue {
        var row: JSONObject = ["cells": .array(columns.map { .string($0.cell(object)) })]
        switch content {
        case .none: break
        case .object: row["object"] = object
        case .metadata:
            row["object"] = .object([
                "kind": .string("PartialObjectMetadata"), "apiVersion": .string("meta.k8s.io/v1"),
                "metadata": object["metadata"] ?? .object([:]),
            ])
        }
        return .object(row)
    }

    private static func particular(_ kind: ResourceKind) -> [Column] {
        switch kind {
        case .namespace: [Column(name: "Status") { _ in "Active" }]
        case .serviceAccount, .workloadGroup, .sidecar: []
        case .service:
            [
                Column(name: "Type") { $0.member("spec", "type")?.asString ?? "ClusterIP" },
                Column(name: "Cluster-IP") { $0.member("spec", "clusterIP")?.asString ?? "<allocated>" },
                Column(name: "Port(s)") { object in
                    (object.member("spec", "ports")?.asArray ?? []).map { port in
                        "\(port["port"]?.asInt ?? 0)/\(port["protocol"]?.asString ?? "TCP")"
                    }.joined(separator: ",")
                },
            ]
        case .serviceEntry:
            [
                Column(name: "Hosts") { list($0.member("spec", "hosts")) },
                Column(name: "Location") { $0.member("spec", "location")?.asString ?? "MESH_EXTERNAL" },
                Column(name: "Resolution") { $0.member("spec", "resolution")?.asString ?? "NONE" },
            ]
        case .workloadEntry:
            [
                Column(name: "Address") { $0.member("spec", "address")?.asString ?? "" },
                Column(name: "Service Account") {
                    $0.member("spec", "serviceAccount")?.asString ?? Defaults.serviceAccount
                },
                Column(name: "Node") { $0.member("metadata", "labels", "ambit.io/node")?.asString ?? "" },
            ]
        case .virtualService:
            [
                Column(name: "Gateways") { list($0.member("spec", "gateways")) },
                Column(name: "Hosts") { list($0.member("spec", "hosts")) },
            ]
        case .destinationRule: [Column(name: "Host") { $0.member("spec", "host")?.asString ?? "" }]
        case .gateway:
            [
                Column(name: "Ports") { object in
                    (object.member("spec", "servers")?.asArray ?? []).map { server in
                        let port = server["port"]
                        return "\(port?["number"]?.asInt ?? 0)/\(port?["protocol"]?.asString ?? "")"
                    }.joined(separator: ",")
                }
            ]
        case .secret:
            [
                Column(name: "Type") { $0["type"]?.asString ?? SecretSpec.Kind.opaque.rawValue },
                Column(name: "Data") { "\($0["data"]?.asObject?.count ?? 0)" },
            ]
        case .peerAuthentication: [Column(name: "Mode") { $0.member("spec", "mtls", "mode")?.asString ?? "UNSET" }]
        case .authorizationPolicy: [Column(name: "Action") { $0.member("spec", "action")?.asString ?? "ALLOW" }]
        }
    }

    private static func wide(_ kind: ResourceKind) -> [Column] {
        switch kind {
        case .service: [Column(name: "Selector", isWide: true) { pairs($0.member("spec", "selector")) }]
        case .serviceEntry: [Column(name: "Addresses", isWide: true) { list($0.member("spec", "addresses")) }]
        case .workloadEntry: [Column(name: "Labels", isWide: true) { pairs($0.member("spec", "labels")) }]
        case .peerAuthentication, .authorizationPolicy:
            [Column(name: "Selector", isWide: true) { pairs($0.member("spec", "selector", "matchLabels")) }]
        case .gateway: [Column(name: "Selector", isWide: true) { pairs($0.member("spec", "selector")) }]
        case .namespace, .serviceAccount, .workloadGroup, .virtualService, .destinationRule, .sidecar, .secret: []
        }
    }

    private static func list(_ value: JSONValue?) -> String { (value?.strings ?? []).joined(separator: ",") }

    private static func pairs(_ value: JSONValue?) -> String {
        let text = (value?.stringMap ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ",")
        return text.isEmpty ? "<none>" : text
    }

    /// `45s`, `12m`, `5h`, `3d`: the larger of two units once it is more than a few, as kubectl writes ages.
    static func age(_ created: String?, _ now: Date) -> String {
        guard let created, let date = try? Date(created, strategy: .iso8601) else { return "<unknown>" }
        let seconds = Int(max(0, min(now.timeIntervalSince(date), 1e11)))
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<7_200: return "\(seconds / 60)m"
        case ..<172_800: return "\(seconds / 3_600)h"
        default: return "\(seconds / 86_400)d"
        }
    }
}
