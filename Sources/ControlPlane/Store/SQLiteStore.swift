import FoundationEssentials
import GRDB
package import MeshModel

/// Resources in one SQLite file, or in memory for tests.
///
/// Write-ahead log with `synchronous = FULL`: what was acknowledged survives `kill -9` and power loss. All writes go through
/// one queue, so a revision is taken, the object written and the change logged in one transaction.
package final class SQLiteStore: ResourceStore {
    /// Namespaces that are there from the first start and cannot be deleted.
    package static let permanentNamespaces = ["default", "istio-system"]

    private let database: any DatabaseWriter
    private let configuration: StoreConfiguration
    private let signals = ChangeSignals()

    /// Opens (and on the first start makes) the store in the file at `path`; nil keeps it in memory.
    package init(path: String?, configuration: StoreConfiguration = StoreConfiguration()) throws(StoreError) {
        self.configuration = configuration
        var settings = Configuration()
        settings.busyMode = .timeout(configuration.busyTimeout)
        settings.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        do {
            database =
                try path.map { try DatabasePool(path: $0, configuration: settings) }
                ?? DatabaseQueue(configuration: settings)
            try database.write { [configuration] database in
                try StoreSchema.create(in: database)
                var transaction = StoreTransaction(database, configuration)
                for name in Self.permanentNamespaces
                where try transaction.find(.namespace, namespace: "", name: name) == nil {
                    _ = try transaction.create(Resource(kind: .namespace, metadata: ResourceMetadata(name: name)))
                }
            }
        } catch {
            throw StoreError(error)
        }
    }

    package func list(kind: ResourceKind?, namespace: String?) async throws(StoreError) -> ResourceList {
        try await read { transaction in try transaction.list(kind: kind, namespace: namespace) }
    }

    package func get(_ kind: ResourceKind, namespace: String, name: String) async throws(StoreError) -> Resource? {
        try await read { transaction in try transaction.find(kind, namespace: namespace, name: name) }
    }

    package func create(_ resource: Resource) async throws(StoreError) -> Resource {
        try await write { transaction in try transaction.create(resource) }
    }

    package func update(_ resource: Resource, expecting: String?) async throws(StoreError) -> Resource {
        try await write { transaction in try transaction.update(resource, expecting: expecting) }
    }

    @discardableResult
    package func delete(
        _ kind: ResourceKind, namespace: String, name: String, expecting: String?
    ) async throws(StoreError) -> Resource {
        if kind == .namespace, Self.permanentNamespaces.contains(name) {
            throw .forbidden(
                "namespace \"\(name)\" belongs to the mesh itself and cannot be deleted; delete what is in it")
        }
        return try await write { transaction in
            try transaction.delete(kind, namespace: namespace, name: name, expecting: expecting)
        }
    }

    package func changes(after revision: Int64) -> AsyncThrowingStream<ResourceChange, any Error> {
        let cursor = ChangeCursor(after: revision, signal: signals.subscribe()) { [self] after in
            try await read { transaction in try transaction.changes(after: after) }
        }
        return AsyncThrowingStream { try await cursor.next() }
    }

    package func setting(_ key: String) async throws(StoreError) -> [UInt8]? {
        try await read { transaction in try transaction.setting(key) }
    }

    package func put(setting key: String, value: [UInt8]) async throws(StoreError) {
        try await write { transaction in try transaction.put(setting: key, value: value) }
    }

    package func settings(withPrefix prefix: String) async throws(StoreError) -> [String] {
        try await read { transaction in try transaction.settings(withPrefix: prefix) }
    }

    package func values(withPrefix prefix: String) async throws(StoreError) -> [(key: String, value: [UInt8])] {
        try await read { transaction in try transaction.values(withPrefix: prefix) }
    }

    package func commit(_ changes: [SettingChange]) async throws(StoreError) -> Bool {
        try await write { transaction in try transaction.commit(changes) }
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (StoreTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await database.read { [configuration] in try body(StoreTransaction($0, configuration)) }
        } catch {
            throw StoreError(error)
        }
    }

    private func write<Value: Sendable>(
        _ body: @escaping @Sendable (inout StoreTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            let value = try await database.write { [configuration] database in
                var transaction = StoreTransaction(database, configuration)
                return try body(&transaction)
            }
            signals.raise()
            return value
        } catch {
            throw StoreError(error)
        }
    }
}

extension StoreError {
    /// The store's own errors as they are; the database's with what a person can do about them.
    fileprivate init(_ error: any Error) {
        switch error {
        case let own as StoreError: self = own
        case let error as DatabaseError where error.resultCode == .SQLITE_FULL:
            self = .unavailable("the disk is full; free space and repeat the request")
        case let error as DatabaseError where error.resultCode == .SQLITE_BUSY:
            self = .unavailable("another process holds the database; repeat the request")
        default: self = .unavailable("\(error)")
        }
    }
}
