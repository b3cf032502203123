import MeshModel

/// When and where a node was heard of last, as the store keeps it: what remains of a node that is gone when ambitd restarts.
package struct NodeSighting: Sendable, Hashable {
    static let keyPrefix = "node-seen/"

    /// Seconds since 1970.
    package let time: Int64
    /// `address:port`.
    package let address: String
    /// The version that it said it runs; empty where it said none.
    package let version: String

    var stored: [UInt8] {
        let object: JSONObject = ["time": .int(time), "address": .string(address), "version": .string(version)]
        return Array(JSONValue.object(object).compactText.utf8)
    }

    init(time: Int64, address: String, version: String) {
        self.time = time
        self.address = address
        self.version = version
    }

    /// Reads a setting; nil where it is none of ours.
    init?(stored bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let time = value["time"]?.asInt else { return nil }
        self.init(time: time, address: value["address"]?.asString ?? "", version: value["version"]?.asString ?? "")
    }
}

extension NodeDirectory {
    /// Remembers that the node was there. A store that does not answer costs a line in a list, and nothing else.
    func saw(_ peer: NodePeer, version: String?) async {
        let sighting = NodeSighting(time: time, address: peer.address, version: version ?? "")
        try? await store.put(setting: NodeSighting.keyPrefix + peer.name, value: sighting.stored)
    }

    /// When the node was heard of last.
    package func sighting(of node: String) async throws(StoreError) -> NodeSighting? {
        try await store.setting(NodeSighting.keyPrefix + node).flatMap(NodeSighting.init(stored:))
    }
}
