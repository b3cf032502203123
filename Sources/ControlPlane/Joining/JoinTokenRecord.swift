import MeshModel

/// A token as ambitd keeps it: without its secret, of which there is only the hash.
package struct JoinTokenRecord: Sendable, Hashable {
    /// Whether somebody joined with it.
    package enum Use: Sendable, Hashable {
        case unused
        /// When (seconds since 1970) and from where.
        case used(at: Int64, from: String)
    }

    /// What the keys of the settings begin with; the id follows.
    static let keyPrefix = "join-token/"

    package let id: String
    /// SHA-256 of the secret's text. The secret is random and long: it needs no slow hash.
    package let secretHash: [UInt8]
    package let node: String
    /// What the node may host once it has joined.
    package let grants: [NodeGrant]
    /// Whether it may take the place of a node of the same name.
    package let replaces: Bool
    /// Seconds since 1970.
    package let created: Int64
    /// Seconds since 1970.
    package let expires: Int64
    package var use: Use

    static func key(_ id: String) -> String { keyPrefix + id }

    var stored: [UInt8] {
        var object: JSONObject = [
            "id": .string(id), "hash": .string(HexadecimalText.of(secretHash)), "node": .string(node),
            "grants": .array(grants.map { .string($0.description) }), "replaces": .bool(replaces),
            "created": .int(created), "expires": .int(expires),
        ]
        if case .used(let time, let address) = use {
            object["usedAt"] = .int(time)
            object["usedFrom"] = .string(address)
        }
        return Array(JSONValue.object(object).compactText.utf8)
    }

    /// A new token.
    init(
        id: String, secretHash: [UInt8], node: String, grants: [NodeGrant], replaces: Bool, created: Int64,
        expires: Int64
    ) {
        self.id = id
        self.secretHash = secretHash
        self.node = node
        self.grants = grants
        self.replaces = replaces
        self.created = created
        self.expires = expires
        use = .unused
    }

    /// Reads a setting; nil where it is not what `stored` writes: such a token does not exist.
    init?(stored bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes), let id = value["id"]?.asString,
            let hash = value["hash"]?.asString.flatMap(HexadecimalText.bytes), let node = value["node"]?.asString,
            let created = value["created"]?.asInt, let expires = value["expires"]?.asInt
        else { return nil }
        self.init(
            id: id, secretHash: hash, node: node, grants: (value["grants"]?.strings ?? []).compactMap { NodeGrant($0) },
            replaces: value["replaces"]?.asBool ?? false, created: created, expires: expires)
        if let time = value["usedAt"]?.asInt { use = .used(at: time, from: value["usedFrom"]?.asString ?? "") }
    }
}
