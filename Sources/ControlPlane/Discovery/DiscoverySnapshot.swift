/// Everything that nodes may be sent, immutable, with the history of what changed.
///
/// Published whole by `DiscoveryPublisher`; read from any task.
package final class DiscoverySnapshot: Sendable {
    private struct Change: Sendable {
        let revision: UInt64
        let names: [DiscoveryType: Set<String>]
    }

    /// Counts publications; the first is 1.
    package let revision: UInt64
    private let tables: [DiscoveryType: DiscoveryTable]
    private let history: [Change]

    /// The snapshot before anything was compiled: nothing is answered from it.
    package static let empty = DiscoverySnapshot()

    private init() {
        revision = 0
        tables = [:]
        history = []
    }

    /// The snapshot that follows `previous`; compares the two to know what changed. `historyLimit` bounds what is remembered.
    package init(after previous: DiscoverySnapshot, tables: [DiscoveryType: DiscoveryTable], historyLimit: Int) {
        revision = previous.revision &+ 1
        self.tables = tables
        var names: [DiscoveryType: Set<String>] = [:]
        for type in DiscoveryType.allCases {
            let old = previous.table(type).resources
            let new = tables[type]?.resources ?? [:]
            var changed = Set<String>()
            for (name, resource) in new
            where old[name]?.version != resource.version || old[name]?.audience != resource.audience {
                changed.insert(name)
            }
            for name in old.keys where new[name] == nil { changed.insert(name) }
            names[type] = changed
        }
        history = previous.history.suffix(max(0, historyLimit - 1)) + [Change(revision: revision, names: names)]
    }

    /// The table of one type.
    package func table(_ type: DiscoveryType) -> DiscoveryTable { tables[type] ?? Self.noTable }

    /// The names of resources that differ from those of snapshot `revision`, or nil where that is too long ago to know.
    package func changedNames(_ type: DiscoveryType, since revision: UInt64) -> Set<String>? {
        if revision == self.revision { return [] }
        guard let oldest = history.first?.revision, revision < self.revision, revision &+ 1 >= oldest else {
            return nil
        }
        return history.reduce(into: []) { names, change in
            if change.revision > revision { names.formUnion(change.names[type] ?? []) }
        }
    }

    /// Whether anything differs from the snapshot before.
    package var changedAnything: Bool { history.last?.names.values.contains { !$0.isEmpty } ?? false }

    private static let noTable = DiscoveryTable([])
}
