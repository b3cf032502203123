import FoundationEssentials
import MeshModel
import Testing

@testable import ControlPlane

@Suite struct SQLiteStoreTests {
    static func account(_ name: String, namespace: String = "default", labels: [String: String] = [:]) -> Resource {
        Resource(kind: .serviceAccount, metadata: ResourceMetadata(name: name, namespace: namespace, labels: labels))
    }

    static func service(_ name: String, port: Int64) -> Resource {
        Resource(
            kind: .service, metadata: ResourceMetadata(name: name, namespace: "default"),
            spec: .object(["ports": .array([.object(["port": .int(port)])])]))
    }

    @Test func startsWithItsNamespacesAndTheirAccounts() async throws {
        let store = try SQLiteStore(path: nil)
        let all = try await store.list(kind: nil, namespace: nil)
        #expect(
            all.resources.map { "\($0.kind) \($0.reference)" } == [
                "namespace default", "namespace istio-system", "serviceAccount default/default",
                "serviceAccount istio-system/default",
            ])
        #expect(all.revision == 4)
    }

    @Test func createSetsWhatTheStoreOwns() async throws {
        let store = try SQLiteStore(
            path: nil, configuration: StoreConfiguration(now: { Date(timeIntervalSince1970: 0) }))
        let made = try await store.create(Self.account("web"))
        #expect(made.metadata.creationTimestamp == "1970-01-01T00:00:00Z")
        #expect(made.metadata.resourceVersion == "5")
        #expect(made.metadata.generation == 1)
        #expect(made.metadata.uid.count == 36)
        #expect(try await store.get(.serviceAccount, namespace: "default", name: "web") == made)
    }

    @Test func duplicateAndMissingNamespaceAreRefused() async throws {
        let store = try SQLiteStore(path: nil)
        _ = try await store.create(Self.account("web"))
        await #expect(throws: StoreError.alreadyExists(.serviceAccount, namespace: "default", name: "web")) {
            try await store.create(Self.account("web"))
        }
        await #expect(throws: StoreError.notFound(.namespace, namespace: "", name: "nowhere")) {
            try await store.create(Self.account("web", namespace: "nowhere"))
        }
    }

    @Test func generationFollowsContentAndNoChangeKeepsTheRevision() async throws {
        let store = try SQLiteStore(path: nil)
        let made = try await store.create(Self.service("web", port: 80))
        let same = try await store.update(Self.service("web", port: 80), expecting: nil)
        #expect(same == made)
        let changed = try await store.update(Self.service("web", port: 81), expecting: made.metadata.resourceVersion)
        #expect(changed.metadata.generation == 2 && changed.metadata.uid == made.metadata.uid)
        var labelled = changed
        var metadata = changed.metadata
        metadata.labels = ["a": "b"]
        labelled.setMetadata(metadata)
        let relabelled = try await store.update(labelled, expecting: nil)
        #expect(relabelled.metadata.generation == 2)
        #expect(relabelled.metadata.resourceVersion != changed.metadata.resourceVersion)
    }

    @Test func aStaleWriterIsToldSo() async throws {
        let store = try SQLiteStore(path: nil)
        let made = try await store.create(Self.service("web", port: 80))
        let changed = try await store.update(Self.service("web", port: 81), expecting: nil)
        await #expect(
            throws: StoreError.conflict(
                .service, namespace: "default", name: "web", expected: made.metadata.resourceVersion,
                actual: changed.metadata.resourceVersion)
        ) {
            try await store.update(Self.service("web", port: 82), expecting: made.metadata.resourceVersion)
        }
        await #expect(throws: StoreError.self) {
            try await store.delete(.service, namespace: "default", name: "web", expecting: "1")
        }
    }

    @Test func aNamespaceTakesItsContentWithIt() async throws {
        let store = try SQLiteStore(path: nil)
        _ = try await store.create(Resource(kind: .namespace, metadata: ResourceMetadata(name: "shop")))
        _ = try await store.create(Self.account("web", namespace: "shop"))
        let before = try await store.list(kind: nil, namespace: nil).revision
        try await store.delete(.namespace, namespace: "", name: "shop", expecting: nil)
        #expect(try await store.list(kind: nil, namespace: "shop").resources.isEmpty)
        var deleted: [String] = []
        for try await change in store.changes(after: before) {
            deleted.append("\(change.event.rawValue) \(change.resource.reference)")
            if deleted.count == 3 { break }
        }
        #expect(deleted == ["DELETED shop/default", "DELETED shop/web", "DELETED shop"])
        await #expect(throws: StoreError.self) {
            try await store.delete(.namespace, namespace: "", name: "default", expecting: nil)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aWatchContinuesAndWaits() async throws {
        let store = try SQLiteStore(path: nil)
        _ = try await store.create(Self.account("a"))
        var changes = store.changes(after: 4).makeAsyncIterator()
        #expect(try await changes.next()?.resource.metadata.name == "a")
        async let written = store.create(Self.account("b"))
        #expect(try await changes.next()?.resource.metadata.name == "b")
        #expect(try await written.metadata.name == "b")
    }

    @Test func aWatchFromTooFarBackIsGone() async throws {
        let store = try SQLiteStore(path: nil, configuration: StoreConfiguration(keptChanges: 3))
        for number in 0..<5 { _ = try await store.create(Self.account("a\(number)")) }
        var changes = store.changes(after: 1).makeAsyncIterator()
        await #expect(throws: StoreError.gone(oldest: 7)) { try await changes.next() }
    }

    @Test func settingsAreKept() async throws {
        let store = try SQLiteStore(path: nil)
        #expect(try await store.setting("grants/a") == nil)
        try await store.put(setting: "grants/a", value: [1])
        try await store.put(setting: "grants/a", value: [2])
        try await store.put(setting: "grants/b", value: [3])
        #expect(try await store.setting("grants/a") == [2])
        #expect(try await store.settings(withPrefix: "grants/") == ["grants/a", "grants/b"])
        #expect(try await store.settings(withPrefix: "other") == [])
    }

    @Test func aFileIsReadBackByAnotherStore() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ambit-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "ambit.db").path
        let first = try SQLiteStore(path: path)
        let made = try await first.create(Self.account("web"))
        // While the first is still open, as `ambitd issue-node` reads beside `ambitd serve`.
        let second = try SQLiteStore(path: path)
        #expect(try await second.get(.serviceAccount, namespace: "default", name: "web") == made)
        try await second.put(setting: "k", value: [9])
        #expect(try await first.setting("k") == [9])
    }
}
