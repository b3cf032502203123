import FoundationEssentials
import MeshModel

/// A node as `/ambit/v1/nodes` shows it: the record, what is connected now, and what it hosts. Pure.
enum NodeDocument {
    /// What a list shows of every node.
    static func summary(
        _ record: NodeRecord, status: NodeStatus?, sighting: NodeSighting?, grants: [NodeGrant], workloads: [Resource]
    ) -> JSONValue {
        var object = status.map { StatusDocument.node($0).asObject ?? [:] } ?? JSONObject()
        // What was heard since the start counts more than what an earlier ambitd heard.
        if let sighting {
            object["lastSeen"] = object["lastSeen"] ?? .string(text(sighting.time))
            object["address"] = object["address"] ?? .string(sighting.address)
            object["version"] = object["version"] ?? .string(sighting.version)
        }
        object["name"] = .string(record.name)
        object["id"] = .string(record.id)
        switch record.standing {
        case .active: object["standing"] = .string("active")
        case .revoked(let time):
            object["standing"] = .string("revoked")
            object["revokedAt"] = .string(text(time))
        }
        object["joined"] = .string(text(record.created))
        object["origin"] = .string(record.origin)
        object["grants"] = .array(grants.map { .string($0.description) })
        object["nodeCertificates"] = .array(
            record.certificates.map {
                .object(["serial": .string($0.serial), "notAfter": .string(text($0.notAfter))])
            })
        object["workloads"] = .array(workloads.map(workload))
        return .object(object)
    }

    /// With the certificates of its workloads.
    static func description(
        _ record: NodeRecord, status: NodeStatus?, sighting: NodeSighting?, grants: [NodeGrant], workloads: [Resource],
        issued: [IssuedSerial]
    ) -> JSONValue {
        var value = summary(record, status: status, sighting: sighting, grants: grants, workloads: workloads)
        value["workloadCertificates"] = .array(
            issued.map {
                .object([
                    "identity": .string($0.identity.uri), "serial": .string($0.serial),
                    "notAfter": .string(text($0.notAfter)),
                ])
            })
        return value
    }

    /// A token, without anything that would let somebody use it.
    static func token(_ record: JoinTokenRecord, now: Int64) -> JSONValue {
        var object: JSONObject = [
            "id": .string(record.id), "node": .string(record.node),
            "grants": .array(record.grants.map { .string($0.description) }), "replaces": .bool(record.replaces),
            "created": .string(text(record.created)), "expires": .string(text(record.expires)),
        ]
        switch record.use {
        case .used(let time, let address):
            object["state"] = .string("used")
            object["usedAt"] = .string(text(time))
            object["usedFrom"] = .string(address)
        case .unused: object["state"] = .string(record.expires > now ? "unused" : "expired")
        }
        return .object(object)
    }

    private static func workload(_ entry: Resource) -> JSONValue {
        .object([
            "namespace": .string(entry.metadata.namespace), "name": .string(entry.metadata.name),
            "serviceAccount": .string(entry.spec?["serviceAccount"]?.asString ?? Defaults.serviceAccount),
            "address": .string(entry.spec?["address"]?.asString ?? ""),
        ])
    }

    private static func text(_ time: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(time)).ISO8601Format()
    }
}
