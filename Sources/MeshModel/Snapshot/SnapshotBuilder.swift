/// The growing state that snapshots are taken of. A value; whoever owns it applies updates one after the other.
///
/// An update costs what it changes: the resources in it and the endpoint lists of the services that they belong to, never
/// the size of the mesh.
package struct SnapshotBuilder: Sendable {
    private var tables = SnapshotTables()
    private var version: UInt64 = 0

    /// An empty mesh.
    package init() {}

    /// Removes, then adds or replaces, and returns the new state. Later updates of one name win over earlier ones.
    package mutating func apply(updates: [MeshUpdate], removals: [MeshRemoval] = []) -> MeshSnapshot {
        var endpoints = EndpointChanges()
        for removal in removals {
            switch removal {
            case .address(let name): remove(address: name, &endpoints)
            case .policy(let name):
                if let key = PolicyName(name) { tables.remove(policy: key) }
            }
        }
        for update in updates {
            switch update {
            case .workload(let workload):
                if let old = tables.remove(workload: workload.uid) { endpoints.remove(old) }
                tables.insert(workload)
                endpoints.insert(workload)
            case .service(let service): tables.insert(service)
            case .policy(let policy): tables.insert(policy)
            }
        }
        for (service, change) in endpoints.changes {
            tables.replaceEndpoints(of: service, removed: change.removed, added: Array(change.added.values))
        }
        version &+= 1
        return MeshSnapshot(tables: tables, version: version)
    }

    /// The state as it is now.
    package var snapshot: MeshSnapshot { MeshSnapshot(tables: tables, version: version) }

    private mutating func remove(address name: String, _ endpoints: inout EndpointChanges) {
        if let old = tables.remove(workload: name) {
            endpoints.remove(old)
        } else if let key = ServiceName(name) {
            tables.remove(service: key)
        }
    }
}
