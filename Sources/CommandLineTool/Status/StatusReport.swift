import Foundation
import MeshModel

/// The status page for people: a table of nodes, then of what each was sent, of certificates, of resources that do less
/// than they say, and what to do about what is not well. Pure.
struct StatusReport: Sendable {
    private let value: JSONValue
    private let nodes: [NodeStatus]
    private let now: Date

    init(_ value: JSONValue, nodes: [NodeStatus], now: Date) {
        self.value = value
        self.nodes = nodes.sorted { $0.name < $1.name }
        self.now = now
    }

    /// The whole report.
    var text: String {
        guard !nodes.isEmpty else {
            return heading + "No node has connected yet.\n"
                + "next: ambitctl token create --node NAME --allow NAMESPACE/SERVICEACCOUNT, and on the node the line that it prints\n"
        }
        var sections = [heading + nodeTable.text()]
        sections += [syncTable, certificateTable].filter { !$0.rows.isEmpty }.map { $0.text() }
        sections += [warningTable].filter { !$0.rows.isEmpty }.map { $0.text() }
        if !advice.isEmpty { sections.append(advice.map { $0 + "\n" }.joined()) }
        return sections.joined(separator: "\n")
    }

    private var heading: String {
        let facts = [
            value["version"]?.asString.map { "ambitd \($0)" },
            value["trustDomain"]?.asString.map { "trust domain \($0)" },
            value["authority"]?["notAfter"]?.asString.map {
                "authority's certificate ends in \(Age.text(until: $0, now: now))"
            },
        ].compactMap { $0 }
        return facts.isEmpty ? "" : facts.joined(separator: ", ") + "\n\n"
    }

    private var nodeTable: Table {
        Table(
            ["NODE", "STATE", "ADDRESS", "CONNECTED", "VERSION", "CERTIFICATE ENDS"],
            rows: nodes.map { node in
                [
                    node.name, node.worstState, node.address ?? "", Age.text(since: node.connectedSince, now: now),
                    node.version ?? "", Age.text(until: node.certificateExpires, now: now),
                ]
            })
    }

    private var syncTable: Table {
        Table(
            ["NODE", "TYPE", "STATE", "RESOURCES", "CHANGED", "LAST ERROR"],
            rows: nodes.flatMap { node in
                node.sync.map { sync in
                    [
                        node.name, sync.type, sync.state, sync.resources.map(String.init) ?? "",
                        Age.text(since: sync.lastChange, now: now), sync.lastError ?? "",
                    ]
                }
            })
    }

    private var certificateTable: Table {
        Table(
            ["NODE", "IDENTITY", "CERTIFICATE ENDS"],
            rows: nodes.flatMap { node in
                node.certificates.sorted { $0.identity < $1.identity }.map {
                    [node.name, $0.identity, Age.text(until: $0.notAfter, now: now)]
                }
            })
    }

    /// What of the resources has no effect, or not the one that one may expect.
    private var warningTable: Table {
        Table(
            ["RESOURCE", "NAMESPACE", "WARNING"],
            rows: (value["warnings"]?.elements ?? []).map { warning in
                [
                    "\(warning["kind"]?.asString?.lowercased() ?? "")/\(warning["name"]?.asString ?? "")",
                    warning["namespace"]?.asString ?? "", warning["message"]?.asString ?? "",
                ]
            })
    }

    private var advice: [String] {
        nodes.flatMap { node -> [String] in
            var lines: [String] = []
            if node.connectedSince == nil {
                lines.append(
                    "\(node.name) is not connected; its workloads go on with what it last had; next: on it, "
                        + "systemctl status ztunnel")
            }
            if let error = node.lastError {
                lines.append("\(node.name): \(error)")
            }
            if node.worstState == "REJECTED" {
                lines.append("\(node.name) refused configuration; next: correct the resource that the error names")
            }
            return lines
        }
    }
}
