import ControlPlane
import Foundation
import MeshModel
import Testing

@Suite("What is revoked")
struct RevocationTests {
    static func issued(_ serial: String, _ account: String, id: String = "m1", until: Int64 = 100) -> IssuedSerial {
        IssuedSerial(
            nodeID: id, node: "host-a", serial: serial,
            identity: SPIFFEIdentity(trustDomain: "cluster.local", namespace: "shop", serviceAccount: account),
            notAfter: until)
    }

    static func record(_ id: String = "m1", revoked: Bool = false) -> NodeRecord {
        NodeRecord(
            name: "host-a", id: id, created: 0, origin: "",
            standing: revoked ? .revoked(at: 1) : .active([.init(serial: "aa", notAfter: 1_000)]))
    }

    static let grants = ["host-a": [NodeGrant("shop/web")].compactMap(\.self)]

    @Test("a certificate is good while its membership is active and its identity granted")
    func derivation() {
        let issued = [
            Self.issued("02", "web"), Self.issued("01", "web"), Self.issued("03", "db"),
            Self.issued("04", "web", until: 9),
        ]
        let derive = { (nodes: [NodeRecord], grants: [String: [NodeGrant]]) in
            Revocation.derive(issued: issued, nodes: nodes, grants: grants, now: 10).map(\.serials)
        }
        #expect(derive([Self.record()], ["host-a": [NodeGrant("shop/*")].compactMap(\.self)]) == [])
        #expect(derive([Self.record()], Self.grants) == [["03"]], "disallowed")
        #expect(
            derive([Self.record(revoked: true)], Self.grants) == [["01", "02", "03"]],
            "revoked; the expired one is left out")
        #expect(derive([], [:]) == [["01", "02", "03"]], "deleted")
        #expect(derive([Self.record("m2")], Self.grants) == [["01", "02", "03"]], "joined again: another membership")
    }

    @Test("a record reads back as it was stored, and what is damaged is nobody")
    func records() {
        for record in [Self.record(), Self.record(revoked: true)] {
            #expect(NodeRecord(stored: record.stored) == record)
            for length in 0..<record.stored.count {
                #expect(NodeRecord(stored: Array(record.stored.prefix(length))) == nil)
            }
        }
        #expect(NodeRecord(stored: Array(#"{"name":"a","id":"b","created":1}"#.utf8)) == nil, "without a standing")
    }
}

@Suite("The directory of nodes", .timeLimit(.minutes(1)))
struct NodeDirectoryTests {
    static let web = SPIFFEIdentity(trustDomain: "cluster.local", namespace: "shop", serviceAccount: "web")

    private func directory(_ limits: NodeLimits = NodeLimits(), now: Int64 = 1_000) throws -> (
        NodeDirectory, SQLiteStore
    ) {
        let store = try SQLiteStore(path: nil)
        let time = Date(timeIntervalSince1970: TimeInterval(now))
        return (NodeDirectory(store: store, limits: limits, now: { time }), store)
    }

    private func add(_ nodes: NodeDirectory, _ serial: String, grants: [String] = ["shop/web"]) async throws {
        try await nodes.add(
            "host-a", certificate: .init(serial: serial, notAfter: 5_000), grants: grants.compactMap { NodeGrant($0) },
            origin: "a test")
    }

    @Test("unknown, replaced, revoked and deleted nodes are told apart, and only a good certificate is admitted")
    func admission() async throws {
        let (nodes, _) = try directory()
        let peer = NodePeer(name: "host-a", serialNumber: "01")
        func refusal() async -> NodeRefusal.Code? {
            do throws(NodeRefusal) {
                _ = try await nodes.admit(peer)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(await refusal() == .unknown)
        try await add(nodes, "02")
        #expect(await refusal() == .superseded)
        try await add(nodes, "01")
        #expect(await refusal() == nil)
        try await nodes.renew(NodePeer(name: "host-a", serialNumber: "02"), to: .init(serial: "03", notAfter: 9_000))
        #expect(await refusal() == .superseded, "a renewal leaves the one that asked and the new one")
        #expect(try await nodes.record(of: "host-a")?.certificates.map(\.serial) == ["02", "03"])
        try await nodes.revoke("host-a")
        #expect(await refusal() == .revoked)
        await #expect(throws: NodeRefusal.self) { try await self.add(nodes, "04") }
        try await nodes.delete("host-a")
        #expect(await refusal() == .unknown)
        #expect(try await nodes.grants(of: "host-a") == [])
    }

    @Test("a renewal changes neither membership nor grants")
    func renewal() async throws {
        let (nodes, _) = try directory()
        try await add(nodes, "01")
        let before = try #require(try await nodes.record(of: "host-a"))
        try await nodes.renew(NodePeer(name: "host-a", serialNumber: "01"), to: .init(serial: "02", notAfter: 9_000))
        let after = try #require(try await nodes.record(of: "host-a"))
        #expect(after.id == before.id && after.created == before.created)
        #expect(try await nodes.grants(of: "host-a").map(\.description) == ["shop/web"])
    }

    @Test("nothing is issued to a node that was cut off, nor beyond the bound, and expired ones do not count")
    func issuance() async throws {
        var limits = NodeLimits()
        limits.certificatesPerNode = 2
        let (nodes, _) = try directory(limits)
        try await add(nodes, "01")
        let peer = NodePeer(name: "host-a", serialNumber: "01")
        try await nodes.issue("a0", identity: Self.web, notAfter: 900, to: peer)
        try await nodes.issue("a1", identity: Self.web, notAfter: 2_000, to: peer)
        try await nodes.issue("a2", identity: Self.web, notAfter: 2_000, to: peer)
        let full = await #expect(throws: NodeRefusal.self) {
            try await nodes.issue("a3", identity: Self.web, notAfter: 2_000, to: peer)
        }
        #expect(full?.code == .limit)
        #expect(try await nodes.refreshRevocations() == false)
        try await nodes.revoke("host-a")
        let revoked = await #expect(throws: NodeRefusal.self) {
            try await nodes.issue("a4", identity: Self.web, notAfter: 2_000, to: peer)
        }
        #expect(revoked?.code == .revoked)
        #expect(try await nodes.refreshRevocations())
        #expect(nodes.revocations.map(\.serials) == [["a1", "a2"]])
        #expect(try await nodes.refreshRevocations() == false)
    }

    @Test("issuances and a revocation at the same moment have an order: all that was handed out is revoked")
    func race() async throws {
        let (nodes, _) = try directory()
        try await add(nodes, "01")
        let peer = NodePeer(name: "host-a", serialNumber: "01")
        let handedOut = await withTaskGroup(of: String?.self) { group in
            for index in 0..<40 {
                group.addTask {
                    let serial = String(index + 256, radix: 16)
                    do throws(NodeRefusal) {
                        try await nodes.issue(serial, identity: Self.web, notAfter: 2_000, to: peer)
                        return serial
                    } catch {
                        return nil
                    }
                }
                if index == 20 {
                    group.addTask {
                        try? await nodes.revoke("host-a"); return nil
                    }
                }
            }
            return await group.reduce(into: Set<String>()) { if let serial = $1 { $0.insert(serial) } }
        }
        _ = try await nodes.refreshRevocations()
        #expect(Set(nodes.revocations.flatMap(\.serials)) == handedOut)
    }

    @Test("taking identities away revokes theirs, giving them back restores them; one that is not there is a mistake")
    func grants() async throws {
        let (nodes, _) = try directory()
        try await add(nodes, "01", grants: ["shop/web", "shop/db"])
        try await nodes.issue(
            "a1", identity: Self.web, notAfter: 2_000, to: NodePeer(name: "host-a", serialNumber: "01"))
        let web = [NodeGrant("shop/web")].compactMap(\.self)
        #expect(try await nodes.change(grantsOf: "host-a", allow: [], disallow: web).map(\.description) == ["shop/db"])
        _ = try await nodes.refreshRevocations()
        #expect(nodes.revocations.map(\.serials) == [["a1"]])
        await #expect(throws: NodeRefusal.self) {
            try await nodes.change(grantsOf: "host-a", allow: [], disallow: web)
        }
        _ = try await nodes.change(grantsOf: "host-a", allow: web, disallow: [])
        _ = try await nodes.refreshRevocations()
        #expect(nodes.revocations == [])
    }

    @Test("settings are changed together or not at all")
    func transactions() async throws {
        let store = try SQLiteStore(path: nil)
        #expect(
            try await store.commit([SettingChange("a", from: nil, to: [1]), SettingChange("b", from: nil, to: [2])]))
        #expect(
            try await !store.commit([SettingChange("a", from: [1], to: [9]), SettingChange("b", from: [3], to: nil)]))
        #expect(try await store.setting("a") == [1])
        #expect(
            try await store.commit([.unchanged("b", [2]), .unchanged("c", nil), SettingChange("a", from: [1], to: nil)])
        )
        #expect(try await store.setting("a") == nil)
        #expect(try await store.values(withPrefix: "").map(\.key) == ["b"])
        #expect(try await store.values(withPrefix: "b").map(\.value) == [[2]])
        #expect(try await store.values(withPrefix: "bb").isEmpty)
    }
}

extension NodePeer {
    /// A peer that no connection brought.
    init(name: String, serialNumber: String) {
        self.init(
            name: name, serialNumber: serialNumber, certificateExpires: Date(timeIntervalSinceNow: 3_600),
            address: "192.0.2.9:1")
    }
}
