package import MeshModel

/// Where resources are kept: SQLite now, etcd where several `ambitd` share state (DESIGN D6).
///
/// Every write is durable before the call returns. Revisions rise by one with each changed object and never repeat.
/// Thread: any.
package protocol ResourceStore: Sendable {
    /// The objects of one kind (or of all), in one namespace (or in all), ordered by kind, namespace and name.
    func list(kind: ResourceKind?, namespace: String?) async throws(StoreError) -> ResourceList

    /// One object; nil where there is none.
    func get(_ kind: ResourceKind, namespace: String, name: String) async throws(StoreError) -> Resource?

    /// Stores a new object and returns it with uid, revision, generation 1 and creation time. Its namespace must exist.
    func create(_ resource: Resource) async throws(StoreError) -> Resource

    /// Replaces an object. With `expecting`, only while that is its resource version. What changes nothing keeps the
    /// revision; the generation rises when anything but metadata and status changes.
    func update(_ resource: Resource, expecting: String?) async throws(StoreError) -> Resource

    /// Removes an object and returns its last state. A namespace takes with it what is in it, in the same transaction.
    @discardableResult
    func delete(
        _ kind: ResourceKind, namespace: String, name: String, expecting: String?
    ) async throws(StoreError) -> Resource

    /// The changes after a revision, as they happened, without end; throws `StoreError.gone` where the revision is
    /// older than what is kept. The stream is pulled: a slow reader costs nothing but the wait.
    func changes(after revision: Int64) -> AsyncThrowingStream<ResourceChange, any Error>

    /// A small durable value beside the objects (grants of nodes, allocated addresses); nil where there is none.
    func setting(_ key: String) async throws(StoreError) -> [UInt8]?

    /// Sets a small durable value.
    func put(setting key: String, value: [UInt8]) async throws(StoreError)

    /// The keys of the settings that begin with `prefix`, in order.
    func settings(withPrefix prefix: String) async throws(StoreError) -> [String]

    /// The settings whose keys begin with `prefix`, in the order of their keys, all as they were at one moment.
    func values(withPrefix prefix: String) async throws(StoreError) -> [(key: String, value: [UInt8])]

    /// Makes all changes in one transaction, or none: false where a setting is no longer what its change expects.
    func commit(_ changes: [SettingChange]) async throws(StoreError) -> Bool
}
