import FoundationEssentials
import GRDB
import MeshModel

/// What the store does inside one database transaction. Lives on the database's queue, for one call.
struct StoreTransaction {
    /// Changes that one read of the log returns at most.
    static let changesPerRead = 256

    private let database: Database
    private let configuration: StoreConfiguration

    init(_ database: Database, _ configuration: StoreConfiguration) {
        self.database = database
        self.configuration = configuration
    }

    func find(_ kind: ResourceKind, namespace: String, name: String) throws -> Resource? {
        try String.fetchOne(
            database, sql: "SELECT document FROM object WHERE kind = ? AND namespace = ? AND name = ?",
            arguments: [kind.rawValue, namespace, name]
        ).map { try Self.resource(kind, $0) }
    }

    func list(kind: ResourceKind?, namespace: String?) throws -> ResourceList {
        var conditions: [String] = []
        var arguments: [String] = []
        if let kind {
            conditions.append("kind = ?")
            arguments.append(kind.rawValue)
        }
        if let namespace {
            conditions.append("namespace = ?")
            arguments.append(namespace)
        }
        let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
        let rows = try Row.fetchAll(
            database, sql: "SELECT kind, document FROM object\(filter) ORDER BY kind, namespace, name",
            arguments: StatementArguments(arguments))
        return ResourceList(resources: try rows.compactMap(Self.resource), revision: try revision())
    }

    mutating func create(_ resource: Resource) throws -> Resource {
        let metadata = resource.metadata
        guard try find(resource.kind, namespace: metadata.namespace, name: metadata.name) == nil else {
            throw StoreError.alreadyExists(resource.kind, namespace: metadata.namespace, name: metadata.name)
        }
        if resource.kind.isNamespaced, try find(.namespace, namespace: "", name: metadata.namespace) == nil {
            throw StoreError.notFound(.namespace, namespace: "", name: metadata.namespace)
        }
        var stored = resource
        var fresh = metadata
        fresh.uid = UUID().uuidString.lowercased()
        fresh.creationTimestamp = configuration.now().formatted(.iso8601)
        fresh.generation = 1
        let revision = try nextRevision()
        fresh.resourceVersion = String(revision)
        stored.setMetadata(fresh)
        try write(stored, .added, revision)
        if resource.kind == .namespace {
            // Every namespace has an account for workloads that name none, as in Kubernetes.
            _ = try create(
                Resource(kind: .serviceAccount, metadata: ResourceMetadata(name: "default", namespace: metadata.name)))
        }
        return stored
    }

    mutating func update(_ resource: Resource, expecting: String?) throws -> Resource {
        let old = try existing(
            resource.kind, namespace: resource.metadata.namespace, name: resource.metadata.name, expecting: expecting)
        var new = resource
        var metadata = resource.metadata
        metadata.uid = old.metadata.uid
        metadata.creationTimestamp = old.metadata.creationTimestamp
        metadata.generation = old.metadata.generation
        metadata.resourceVersion = old.metadata.resourceVersion
        new.setMetadata(metadata)
        guard !Self.isSame(new, old) else { return old }
        if Self.content(new) != Self.content(old) { metadata.generation += 1 }
        let revision = try nextRevision()
        metadata.resourceVersion = String(revision)
        new.setMetadata(metadata)
        try write(new, .modified, revision)
        return new
    }

    mutating func delete(
        _ kind: ResourceKind, namespace: String, name: String, expecting: String?
    ) throws -> Resource {
        let old = try existing(kind, namespace: namespace, name: name, expecting: expecting)
        if kind == .namespace {
            for inside in try list(kind: nil, namespace: name).resources { try remove(inside) }
        }
        return try remove(old)
    }

    /// The next changes after a revision, in order; `StoreError.gone` where they are not kept any more.
    func changes(after revision: Int64) throws -> [ResourceChange] {
        let newest = try self.revision()
        let oldest = try Int64.fetchOne(database, sql: "SELECT min(revision) FROM change") ?? newest + 1
        guard revision + 1 >= oldest else { throw StoreError.gone(oldest: oldest) }
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT revision, event, kind, document FROM change WHERE revision > ? ORDER BY revision LIMIT ?",
            arguments: [revision, Self.changesPerRead])
        return try rows.compactMap { row in
            guard let event = ResourceChange.Event(rawValue: row["event"]), let resource = try Self.resource(row) else {
                return nil
            }
            return ResourceChange(revision: row["revision"], event: event, resource: resource)
        }
    }

    func setting(_ key: String) throws -> [UInt8]? {
        try Data.fetchOne(database, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key]).map(Array.init)
    }

    mutating func put(setting key: String, value: [UInt8]) throws {
        try database.execute(
            sql:
                "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            arguments: [key, Data(value)])
    }

    func settings(withPrefix prefix: String) throws -> [String] {
        try String.fetchAll(
            database, sql: "SELECT key FROM setting WHERE substr(key, 1, length(?)) = ? ORDER BY key",
            arguments: [prefix, prefix])
    }

    func values(withPrefix prefix: String) throws -> [(key: String, value: [UInt8])] {
        // A range instead of a comparison of prefixes: the primary key answers it. U+10FFFF sorts after every other character.
        try Row.fetchAll(
            database, sql: "SELECT key, value FROM setting WHERE key >= ? AND key < ? ORDER BY key",
            arguments: [prefix, prefix + "\u{10ffff}"]
        ).map { row in
            let value: Data = row["value"]
            return (key: row["key"], value: Array(value))
        }
    }

    mutating func commit(_ changes: [SettingChange]) throws -> Bool {
        for change in changes where try setting(change.key) != change.expected { return false }
        for change in changes where change.value != change.expected {
            if let value = change.value {
                try put(setting: change.key, value: value)
            } else {
                try database.execute(sql: "DELETE FROM setting WHERE key = ?", arguments: [change.key])
            }
        }
        return true
    }

    private func existing(
        _ kind: ResourceKind, namespace: String, name: String, expecting: String?
    ) throws -> Resource {
        guard let old = try find(kind, namespace: namespace, name: name) else {
            throw StoreError.notFound(kind, namespace: namespace, name: name)
        }
        if let expecting, expecting != old.metadata.resourceVersion {
            throw StoreError.conflict(
                kind, namespace: namespace, name: name, expected: expecting, actual: old.metadata.resourceVersion)
        }
        return old
    }

    @discardableResult
    private mutating func remove(_ resource: Resource) throws -> Resource {
        let revision = try nextRevision()
        var last = resource
        var metadata = resource.metadata
        metadata.resourceVersion = String(revision)
        last.setMetadata(metadata)
        try database.execute(
            sql: "DELETE FROM object WHERE kind = ? AND namespace = ? AND name = ?",
            arguments: [resource.kind.rawValue, metadata.namespace, metadata.name])
        try log(last, .deleted, revision)
        return last
    }

    private mutating func write(_ resource: Resource, _ event: ResourceChange.Event, _ revision: Int64) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO object (kind, namespace, name, document) VALUES (?, ?, ?, ?)",
            arguments: [
                resource.kind.rawValue, resource.metadata.namespace, resource.metadata.name,
                resource.object.compactText,
            ])
        try log(resource, event, revision)
    }

    private func log(_ resource: Resource, _ event: ResourceChange.Event, _ revision: Int64) throws {
        try database.execute(
            sql: "INSERT INTO change (revision, event, kind, document) VALUES (?, ?, ?, ?)",
            arguments: [revision, event.rawValue, resource.kind.rawValue, resource.object.compactText])
        try database.execute(
            sql: "DELETE FROM change WHERE revision <= ?", arguments: [revision - configuration.keptChanges])
    }

    private func revision() throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT value FROM counter WHERE name = 'revision'") ?? 0
    }

    private func nextRevision() throws -> Int64 {
        try database.execute(sql: "UPDATE counter SET value = value + 1 WHERE name = 'revision'")
        return try revision()
    }

    private static func resource(_ row: Row) throws -> Resource? {
        try ResourceKind(rawValue: row["kind"]).map { try resource($0, row["document"]) }
    }

    private static func resource(_ kind: ResourceKind, _ document: String) throws -> Resource {
        Resource(kind: kind, object: try JSONValue(parsing: document.utf8))
    }

    /// Everything but metadata and status: what `generation` counts the changes of.
    private static func content(_ resource: Resource) -> [String: JSONValue] {
        var members = Dictionary(resource.object.asObject?.list ?? [], uniquingKeysWith: { first, _ in first })
        members["metadata"] = nil
        members["status"] = nil
        return members
    }

    /// Whether a write changes nothing; the order of members does not count.
    private static func isSame(_ new: Resource, _ old: Resource) -> Bool {
        new.object.canonical == old.object.canonical
    }
}
