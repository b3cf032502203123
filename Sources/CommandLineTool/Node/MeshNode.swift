import Foundation
import MeshModel

/// One node as `/ambit/v1/nodes` reports it.
struct MeshNode: Sendable {
    /// A workload that the node hosts.
    struct Workload: Sendable, Equatable {
        let name: String
        let serviceAccount: String
        let address: String
    }

    /// A certificate, of the node or of a workload.
    struct Certificate: Sendable, Equatable {
        /// The workload's identity; nil for the node's own.
        let identity: String?
        let serial: String
        let notAfter: String
    }

    let name: String
    let isRevoked: Bool
    let revokedAt: String?
    let joined: String?
    let origin: String
    let grants: [String]
    /// The node's own, those that are accepted.
    let certificates: [Certificate]
    /// Only where the node was asked for by name.
    let workloadCertificates: [Certificate]
    let workloads: [Workload]
    let lastSeen: String?
    /// Connection and sync state.
    let status: NodeStatus

    init(_ value: JSONValue) {
        name = value["name"]?.asString ?? ""
        isRevoked = value["standing"]?.asString == "revoked"
        revokedAt = value["revokedAt"]?.asString
        joined = value["joined"]?.asString
        origin = value["origin"]?.asString ?? ""
        grants = value["grants"]?.strings ?? []
        certificates = (value["nodeCertificates"]?.elements ?? []).map(Self.certificate)
        workloadCertificates = (value["workloadCertificates"]?.elements ?? []).map(Self.certificate)
        workloads = (value["workloads"]?.elements ?? []).map { workload in
            Workload(
                name: "\(workload["namespace"]?.asString ?? "")/\(workload["name"]?.asString ?? "")",
                serviceAccount: workload["serviceAccount"]?.asString ?? "",
                address: workload["address"]?.asString ?? "")
        }
        lastSeen = value["lastSeen"]?.asString
        status = NodeStatus(value)
    }

    /// One word for the table: revoked before anything else, then the worst sync state.
    var state: String { isRevoked ? "REVOKED" : status.worstState }

    /// `now` while it is connected, else how long ago.
    func lastSeen(now: Date) -> String {
        if status.connectedSince != nil { return "now" }
        let age = Age.text(since: lastSeen, now: now)
        return age.isEmpty || age == "-" ? "" : "\(age) ago"
    }

    private static func certificate(_ value: JSONValue) -> Certificate {
        Certificate(
            identity: value["identity"]?.asString, serial: value["serial"]?.asString ?? "",
            notAfter: value["notAfter"]?.asString ?? "")
    }
}
