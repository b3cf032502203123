import Crypto
package import FoundationEssentials
package import MeshModel

/// The join tokens in the store: made for an administrator, listed, deleted, and used once.
package struct JoinTokens: Sendable {
    private let nodes: NodeDirectory
    private let rootPin: String
    private let addresses: [String]
    let limits: JoinLimits

    /// `rootPin` and `addresses` go into each token.
    package init(nodes: NodeDirectory, rootPin: String, addresses: [String], limits: JoinLimits = JoinLimits()) {
        self.nodes = nodes
        self.rootPin = rootPin
        self.addresses = addresses
        self.limits = limits
    }

    /// Makes a token. The answer holds the secret; nothing else ever does. Throws `conflict` where the node is there and `replaces`
    /// is false, `limit` past a bound.
    package func create(
        node: String, grants: [NodeGrant], lifetime: TimeInterval, replaces: Bool
    ) async throws(NodeRefusal) -> (token: JoinToken, record: JoinTokenRecord) {
        if !replaces,
            let present = try await nodes.refusing({ () async throws(StoreError) in try await nodes.record(of: node) })
        {
            throw NodeRefusal(.conflict, Self.taken(present))
        }
        _ = try await nodes.grantChange(grants, of: node)
        let now = nodes.time
        let kept = try await prune(now)
        guard kept.count < limits.tokens else {
            throw NodeRefusal(.limit, "\(kept.count) join tokens are kept, the most there may be; delete some")
        }
        var random = SystemRandomNumberGenerator()
        let digits = { (count: Int) in
            HexadecimalText.of((0..<count / 2).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
        let secret = digits(JoinToken.secretLength)
        guard
            let token = JoinToken(
                id: digits(JoinToken.idLength), secret: secret, rootPin: rootPin, node: node,
                addresses: Array(addresses.filter { JoinToken.host(of: $0) != nil }.prefix(JoinToken.addressLimit)))
        else {
            throw NodeRefusal(
                .conflict,
                "no token can be made for node \(node) with the addresses \(addresses.joined(separator: ", ")); start ambitd "
                    + "with --advertise and names or addresses that nodes reach it by")
        }
        let record = JoinTokenRecord(
            id: token.id, secretHash: Self.hash(secret), node: node, grants: grants, replaces: replaces, created: now,
            expires: now + Int64(min(max(lifetime, 1), limits.longestLifetime)))
        let change = SettingChange(JoinTokenRecord.key(token.id), from: nil, to: record.stored)
        guard try await nodes.refusing({ () async throws(StoreError) in try await nodes.store.commit([change]) }) else {
            throw NodeRefusal(.unavailable, "the token's id is taken; ask again")
        }
        return (token, record)
    }

    /// All tokens that are remembered, the newest first.
    package func list() async throws(NodeRefusal) -> [JoinTokenRecord] {
        try await prune(nodes.time).sorted { ($1.created, $0.id) < ($0.created, $1.id) }
    }

    /// Makes a token useless. False where there is none.
    package func delete(_ id: String) async throws(NodeRefusal) -> Bool {
        let key = JoinTokenRecord.key(id)
        return try await nodes.refusing { () async throws(StoreError) in
            guard let present = try await nodes.store.setting(key) else { return false }
            return try await nodes.store.commit([SettingChange(key, from: present, to: nil)])
        }
    }

    /// The token that `secret` proves; the answer takes the same time whatever is wrong with it.
    func find(_ id: String, secret: String) async throws(JoinRefusal) -> (record: JoinTokenRecord, stored: [UInt8]) {
        let stored: [UInt8]?
        do throws(StoreError) {
            stored = try await nodes.store.setting(JoinTokenRecord.key(id))
        } catch {
            throw JoinRefusal(.unavailable, "\(error)")
        }
        let record = stored.flatMap(JoinTokenRecord.init(stored:))
        // Compared also where there is no such token, so that time does not tell which ids exist.
        let isRight = Self.isEqual(Self.hash(secret), record?.secretHash ?? [UInt8](repeating: 0, count: 32))
        guard isRight, let record, let stored else {
            throw JoinRefusal(
                .wrongToken,
                "the token \(id) is not one of this ambitd, was deleted, or is damaged; make a new one: "
                    + "ambitctl token create --node NAME --allow NAMESPACE/SERVICEACCOUNT")
        }
        return (record, stored)
    }

    /// SHA-256 of a secret's text.
    static func hash(_ secret: String) -> [UInt8] { Array(SHA256.hash(data: Array(secret.utf8))) }

    /// Compares without an early end: the time does not tell how much of a guess was right.
    static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(left, right) { difference |= one ^ other }
        return difference == 0
    }

    /// What is said where a node of the name is there already.
    static func taken(_ record: NodeRecord) -> String {
        let since = Date(timeIntervalSince1970: TimeInterval(record.created)).ISO8601Format()
        let standing = record.isActive ? "is in the mesh" : "was revoked"
        return
            "the name \(record.name) is taken: that node \(standing) (since \(since), \(record.origin)). Choose another name, delete "
            + "the node (`ambitctl node delete \(record.name)`), or make a token with --replace that takes its place"
    }

    /// Forgets tokens that expired long ago; returns the others.
    private func prune(_ now: Int64) async throws(NodeRefusal) -> [JoinTokenRecord] {
        try await nodes.refusing { () async throws(StoreError) in
            var kept: [JoinTokenRecord] = []
            var forgotten: [SettingChange] = []
            for (key, value) in try await nodes.store.values(withPrefix: JoinTokenRecord.keyPrefix) {
                if let record = JoinTokenRecord(stored: value), record.expires + Int64(limits.remembered) > now {
                    kept.append(record)
                } else {
                    forgotten.append(SettingChange(key, from: value, to: nil))
                }
            }
            // Losing this race is harmless: somebody else forgot them.
            if !forgotten.isEmpty { _ = try await nodes.store.commit(forgotten) }
            return kept
        }
    }
}
