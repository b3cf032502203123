package import FoundationEssentials
import Synchronization

/// Who the nodes of the mesh are: the one place that says whether a node certificate is still good (DESIGN D7).
///
/// The store is the truth, read for each request: `ambitd issue-node` and a second ambitd write it too. A change is one
/// transaction against the record as it was read, so that an issuance and a revocation at the same moment have an order.
/// Thread: any.
package final class NodeDirectory: Sendable {
    /// Attempts of one change against others that change the same node.
    static let attempts = 16

    let store: any ResourceStore
    let limits: NodeLimits
    let cutOffs = CutOffs()
    let now: @Sendable () -> Date
    private let current = Mutex<[Revocation]>([])

    /// Reads and writes `store`; `now` is the clock.
    package init(
        store: any ResourceStore, limits: NodeLimits = NodeLimits(), now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.limits = limits
        self.now = now
    }

    /// Seconds since 1970.
    var time: Int64 { Int64(now().timeIntervalSince1970) }

    // MARK: Reading

    /// The record of `node`; nil where there is none, or one that cannot be read.
    package func record(of node: String) async throws(StoreError) -> NodeRecord? {
        try await store.setting(NodeRecord.key(of: node)).flatMap(NodeRecord.init(stored:))
    }

    /// All nodes by name.
    package func records() async throws(StoreError) -> [NodeRecord] {
        try await store.values(withPrefix: NodeRecord.keyPrefix).compactMap { NodeRecord(stored: $0.value) }
    }

    /// What the node may host.
    package func grants(of node: String) async throws(StoreError) -> [NodeGrant] {
        try await StoredNodeGrants(store: store).read(node)
    }

    /// The workload certificates of a membership that have not expired.
    package func issued(to record: NodeRecord) async throws(StoreError) -> [IssuedSerial] {
        let now = time
        return try await store.values(withPrefix: IssuedSerial.prefix(of: record.id))
            .compactMap { IssuedSerial(key: $0.key, stored: $0.value) }.filter { $0.notAfter > now }
    }

    // MARK: Admission

    /// The record of the node at the other end, if it may go on: known, active, and the certificate one of its own.
    package func admit(_ peer: NodePeer) async throws(NodeRefusal) -> NodeRecord {
        try await admit(peer.name, serial: peer.serialNumber)
    }

    /// An element whenever the standing of `node` changed: whoever serves it must admit it again.
    package func changes(of node: String) -> AsyncStream<Void> { cutOffs.subscribe(to: node) }

    func admit(_ node: String, serial: String) async throws(NodeRefusal) -> NodeRecord {
        let found = try await refusing { () async throws(StoreError) in try await record(of: node) }
        let again =
            "on the control host `ambitctl token create --node \(node) --replace --allow ...`, on the node `ambitctl join` with it"
        guard let found else {
            throw NodeRefusal(
                .unknown,
                "node \(node) is not known here: it was deleted, or it joined another mesh. To take it in: \(again)")
        }
        guard case .active(let held) = found.standing else {
            throw NodeRefusal(.revoked, "node \(node) was revoked. To take it in again: \(again)")
        }
        guard held.contains(where: { $0.serial == serial }) else {
            throw NodeRefusal(
                .superseded,
                "the certificate \(serial) of node \(node) was replaced by a newer one. If it is a restored copy, use the newer; "
                    + "if nobody restored one, somebody else has a copy of the node's key: revoke the node, then \(again)"
            )
        }
        return found
    }

    // MARK: Changes

    /// Changes the record of `node` in one transaction; `body` decides from the record as it is (nil: none) and may add
    /// further changes. Tried again when somebody else was faster.
    func change(
        _ node: String, _ body: (NodeRecord?) async throws(NodeRefusal) -> (NodeRecord?, [SettingChange])
    ) async throws(NodeRefusal) {
        let key = NodeRecord.key(of: node)
        for _ in 0..<Self.attempts {
            let bytes = try await refusing { () async throws(StoreError) in try await store.setting(key) }
            let (record, more) = try await body(bytes.flatMap(NodeRecord.init(stored:)))
            let changes = [SettingChange(key, from: bytes, to: record?.stored)] + more
            if try await refusing({ () async throws(StoreError) in try await store.commit(changes) }) { return }
        }
        throw NodeRefusal(.unavailable, "the record of node \(node) changes all the time; ask again")
    }

    /// The store's errors as refusals.
    func refusing<Value>(_ body: () async throws(StoreError) -> Value) async throws(NodeRefusal) -> Value {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw NodeRefusal(error)
        }
    }

    // MARK: Revocations

    /// What peers must not accept, as of the last refresh.
    package var revocations: [Revocation] { current.withLock { $0 } }

    /// Derives the revocations anew and forgets certificates that have expired. True where something changed.
    package func refreshRevocations() async throws(StoreError) -> Bool {
        let now = time
        var issued: [IssuedSerial] = []
        var expired: [SettingChange] = []
        for (key, value) in try await store.values(withPrefix: IssuedSerial.keyPrefix) {
            if let one = IssuedSerial(key: key, stored: value), one.notAfter > now {
                issued.append(one)
            } else if expired.count < limits.forgottenPerRefresh {
                expired.append(SettingChange(key, from: value, to: nil))
            }
        }
        var grants: [String: [NodeGrant]] = [:]
        for (key, value) in try await store.values(withPrefix: StoredNodeGrants.keyPrefix) {
            grants[String(key.dropFirst(StoredNodeGrants.keyPrefix.count))] = StoredNodeGrants.parse(value)
        }
        let derived = Revocation.derive(issued: issued, nodes: try await records(), grants: grants, now: now)
        // Losing this race to another ambitd is harmless: it forgets the same.
        if !expired.isEmpty { _ = try await store.commit(expired) }
        return current.withLock { current in
            defer { current = derived }
            return current != derived
        }
    }
}
