/// What an administrator changes.
extension NodeDirectory {
    /// Cuts the node off: no certificate of its own is accepted from now on, nothing more is issued to it.
    package func revoke(_ node: String) async throws(NodeRefusal) {
        let now = time
        try await change(node) { (record) async throws(NodeRefusal) in
            guard var record else { throw Self.unknown(node) }
            if record.isActive { record.standing = .revoked(at: now) }
            return (record, [])
        }
        cutOffs.raise(node)
    }

    /// Forgets the node and its grants. What was issued to it stays revoked until it expires.
    package func delete(_ node: String) async throws(NodeRefusal) {
        try await change(node) { (record) async throws(NodeRefusal) in
            guard record != nil else { throw Self.unknown(node) }
            var changes: [SettingChange] = []
            for key in [StoredNodeGrants.keyPrefix + node, NodeSighting.keyPrefix + node] {
                let present = try await self.refusing { () async throws(StoreError) in try await self.store.setting(key)
                }
                changes.append(SettingChange(key, from: present, to: nil))
            }
            return (nil, changes)
        }
        cutOffs.raise(node)
    }

    /// Adds and takes away identities that the node may host; returns what it may host then.
    package func change(
        grantsOf node: String, allow: [NodeGrant], disallow: [NodeGrant]
    ) async throws(NodeRefusal) -> [NodeGrant] {
        var result: [NodeGrant] = []
        try await change(node) { (record) async throws(NodeRefusal) in
            guard let record else { throw Self.unknown(node) }
            let present = try await self.refusing { () async throws(StoreError) in try await self.grants(of: node) }
            if let missing = disallow.first(where: { !present.contains($0) }) {
                let list = present.isEmpty ? "nothing" : present.map(\.description).joined(separator: ", ")
                throw NodeRefusal(.conflict, "node \(node) is not granted \(missing); it is granted \(list)")
            }
            let kept = present.filter { !disallow.contains($0) }
            result = kept + allow.filter { !kept.contains($0) }
            return (record, [try await self.grantChange(result, of: node)])
        }
        return result
    }

    static func unknown(_ node: String) -> NodeRefusal {
        NodeRefusal(.unknown, "there is no node \(node); see `ambitctl node list`")
    }
}
