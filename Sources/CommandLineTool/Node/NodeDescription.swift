import Foundation
import MeshModel

/// A node for people: facts, then tables, then what to do. Pure.
struct NodeDescription: Sendable {
    private let node: MeshNode
    private let now: Date

    init(_ node: MeshNode, now: Date) {
        self.node = node
        self.now = now
    }

    /// The whole text.
    var text: String {
        var sections = [facts]
        for table in [syncTable, workloadTable, certificateTable] where !table.rows.isEmpty {
            sections.append(table.text())
        }
        if let error = node.status.lastError { sections.append("last error: \(error)\n") }
        if node.isRevoked {
            sections.append(
                "next: to take it in again: ambitctl token create --node \(node.name) --replace --allow ...; to forget it: "
                    + "ambitctl node delete \(node.name)\n")
        }
        return sections.joined(separator: "\n")
    }

    private var facts: String {
        let since = node.joined.map { "\($0) (\(Age.text(since: $0, now: now)) ago)" } ?? ""
        let lines = [
            ("Node", node.name), ("State", node.state),
            ("Revoked", node.revokedAt ?? ""), ("Joined", since), ("By", node.origin),
            ("Address", node.status.address ?? ""), ("Last seen", node.lastSeen(now: now)),
            ("Version", node.status.version ?? ""), ("Allowed", node.grants.joined(separator: ", ")),
            (
                "Certificate",
                node.certificates.map { "\($0.serial), ends in \(Age.text(until: $0.notAfter, now: now))" }
                    .joined(separator: "\n" + String(repeating: " ", count: 13))
            ),
        ]
        return lines.filter { !$0.1.isEmpty }.map { name, value in
            name + ":" + String(repeating: " ", count: max(1, 12 - name.count)) + value + "\n"
        }.joined()
    }

    private var syncTable: Table {
        Table(
            ["TYPE", "STATE", "RESOURCES", "CHANGED", "LAST ERROR"],
            rows: node.status.connectedSince == nil
                ? []
                : node.status.sync.map { sync in
                    [
                        sync.type, sync.state, sync.resources.map(String.init) ?? "",
                        Age.text(since: sync.lastChange, now: now), sync.lastError ?? "",
                    ]
                })
    }

    private var workloadTable: Table {
        Table(
            ["WORKLOAD", "SERVICE ACCOUNT", "ADDRESS"],
            rows: node.workloads.map { [$0.name, $0.serviceAccount, $0.address] })
    }

    private var certificateTable: Table {
        Table(
            ["IDENTITY", "SERIAL", "ENDS"],
            rows: node.workloadCertificates.map { certificate in
                [certificate.identity ?? "", certificate.serial, Age.text(until: certificate.notAfter, now: now)]
            })
    }
}
