import MeshModel

/// Changes to one message's fields: first those removed, then those set, then those added (I 2.12).
package struct FieldChanges: Sendable {
    /// One field and its new value.
    package struct Entry: Sendable {
        /// In lower case.
        package let name: [UInt8]
        package let value: ValueTemplate
    }

    /// Names in lower case.
    package private(set) var removals: [[UInt8]] = []
    /// Fields that have this one value afterwards.
    package private(set) var settings: [Entry] = []
    /// Fields that have one value more afterwards.
    package private(set) var additions: [Entry] = []
    /// The new authority, where a request's `Host` is set.
    package private(set) var authority: ValueTemplate?

    /// No change.
    package init() {}

    /// The changes as written. Pseudo-header fields are left alone, but for setting `Host` or `:authority` of a request,
    /// which changes where it is addressed to. Values with an unknown variable are left out.
    init(_ changes: HeaderOperations.Changes, ofRequest: Bool) {
        removals = changes.remove.map(FieldName.canonical).filter { $0.first != 0x3a }.sorted {
            $0.lexicographicallyPrecedes($1)
        }
        for (name, text) in changes.set.sorted(by: { $0.key < $1.key }) {
            guard let value = ValueTemplate(text) else { continue }
            let name = FieldName.canonical(name)
            if name == FieldName.authority, ofRequest { authority = value }
            if name.first != 0x3a { settings.append(Entry(name: name, value: value)) }
        }
        for (name, text) in changes.add.sorted(by: { $0.key < $1.key }) {
            guard let value = ValueTemplate(text) else { continue }
            let name = FieldName.canonical(name)
            if name.first != 0x3a { additions.append(Entry(name: name, value: value)) }
        }
    }

    /// Whether nothing changes.
    package var isEmpty: Bool { removals.isEmpty && settings.isEmpty && additions.isEmpty && authority == nil }
}
