import FoundationEssentials
package import MeshModel

/// What is written when certificates are issued.
extension NodeDirectory {
    /// Records that `certificate` was issued to `node` by an administrator, and replaces its grants. The node is made where there
    /// is none; a revoked one stays revoked.
    package func add(
        _ node: String, certificate: NodeRecord.HeldCertificate, grants: [NodeGrant], origin: String
    ) async throws(NodeRefusal) {
        let now = time
        let limit = limits.heldCertificates
        try await change(node) { (record) async throws(NodeRefusal) in
            var changed =
                record
                ?? NodeRecord(name: node, id: Self.newID(), created: now, origin: origin, standing: .active([]))
            guard case .active(let held) = changed.standing else {
                throw NodeRefusal(
                    .revoked, "node \(node) was revoked: delete it first (`ambitctl node delete \(node)`)")
            }
            changed.standing = .active((held.filter { $0.notAfter > now } + [certificate]).suffix(limit))
            return (changed, [try await self.grantChange(grants, of: node)])
        }
    }

    /// Records that the node renewed: from now on the certificate that it asked with and the new one are accepted, no others.
    package func renew(
        _ peer: NodePeer, to certificate: NodeRecord.HeldCertificate
    ) async throws(NodeRefusal) {
        try await change(peer.name) { (_) async throws(NodeRefusal) in
            var record = try await self.admit(peer)
            record.standing = .active(record.certificates.filter { $0.serial == peer.serialNumber } + [certificate])
            return (record, [])
        }
    }

    /// Records a workload certificate before it is handed out. Refused where the node was cut off meanwhile, or holds too many.
    package func issue(
        _ serial: String, identity: SPIFFEIdentity, notAfter: Int64, to peer: NodePeer
    ) async throws(NodeRefusal) {
        let now = time
        try await change(peer.name) { (_) async throws(NodeRefusal) in
            let record = try await self.admit(peer)
            let keys = try await self.refusing { () async throws(StoreError) in
                try await self.store.settings(withPrefix: IssuedSerial.prefix(of: record.id))
            }
            let valid = keys.count { IssuedSerial.expiry(ofKey: $0).map { $0 > now } ?? false }
            guard valid < self.limits.certificatesPerNode else {
                throw NodeRefusal(
                    .limit,
                    "node \(peer.name) holds \(valid) workload certificates that have not expired, and may hold "
                        + "\(self.limits.certificatesPerNode); look why it asks for so many (`ambitctl node describe \(peer.name)`)"
                )
            }
            let issued = IssuedSerial(
                nodeID: record.id, node: peer.name, serial: serial, identity: identity, notAfter: notAfter)
            return (record, [SettingChange(issued.key, from: nil, to: issued.stored)])
        }
    }

    /// The write that replaces the grants of `node`.
    func grantChange(_ grants: [NodeGrant], of node: String) async throws(NodeRefusal) -> SettingChange {
        guard grants.count <= limits.grantsPerNode else {
            throw NodeRefusal(.limit, "\(grants.count) identities for node \(node); at most \(limits.grantsPerNode)")
        }
        let key = StoredNodeGrants.keyPrefix + node
        let present = try await refusing { () async throws(StoreError) in try await store.setting(key) }
        return SettingChange(key, from: present, to: StoredNodeGrants.text(grants))
    }

    /// A new membership.
    static func newID() -> String {
        var random = SystemRandomNumberGenerator()
        return HexadecimalText.of((0..<8).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
}
