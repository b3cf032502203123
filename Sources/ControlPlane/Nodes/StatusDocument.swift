import FoundationEssentials
import MeshModel
import MeshPolicy

/// The state of nodes and authority as JSON, for `ambitctl status`. Absent values are left out.
enum StatusDocument {
    static func make(
        nodes: [NodeStatus], trustDomain: String, version: String, authorityExpires: Date,
        warnings: [CompilationWarning]
    ) -> JSONValue {
        .object([
            "version": .string(version), "trustDomain": .string(trustDomain), "nodes": .array(nodes.map(node)),
            "authority": .object(["notAfter": time(authorityExpires)]),
            "warnings": .array(
                warnings.map { warning in
                    .object([
                        "code": .string(warning.code.rawValue), "kind": .string(warning.kind),
                        "namespace": .string(warning.namespace), "name": .string(warning.name),
                        "message": .string(warning.message),
                    ])
                }),
        ])
    }

    /// What is known of the node's connection.
    static func node(_ status: NodeStatus) -> JSONValue {
        var object = JSONObject()
        object["name"] = .string(status.name)
        object["address"] = status.address.map(JSONValue.string)
        if let version = status.version, !version.isEmpty { object["version"] = .string(version) }
        object["connectedSince"] = status.connectedSince.map(time) ?? .null
        object["lastSeen"] = status.lastSeen.map(time)
        // Istio's ztunnel does not know revocations: that it did not ask for them is no state of its own.
        let types = DiscoveryType.allCases.filter {
            ![.revocation, .networking].contains($0) || status.sync[$0] != nil
        }
        object["sync"] = .array(types.map { sync($0, status.sync[$0] ?? NodeStatus.Sync()) })
        object["certificateExpires"] = status.certificateExpires.map(time)
        object["certificates"] = .array(
            status.certificates.sorted { $0.key < $1.key }.map { identity, expires in
                .object(["identity": .string(identity), "notAfter": time(expires)])
            })
        object["lastError"] = status.lastError.map(JSONValue.string)
        return .object(object)
    }

    private static func sync(_ type: DiscoveryType, _ sync: NodeStatus.Sync) -> JSONValue {
        var object = JSONObject()
        object["type"] = .string(type.shortName)
        object["state"] = .string(sync.state.rawValue)
        object["resources"] = .int(Int64(sync.resources))
        object["sentNonce"] = .string(sync.sentNonce)
        object["acknowledgedNonce"] = .string(sync.acknowledgedNonce)
        object["lastChange"] = sync.lastChange.map(time)
        object["lastError"] = sync.lastError.map(JSONValue.string)
        return .object(object)
    }

    private static func time(_ date: Date) -> JSONValue { .string(date.ISO8601Format()) }
}
