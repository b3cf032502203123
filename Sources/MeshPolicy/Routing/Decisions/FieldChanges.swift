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

    /// The changes as written, without those that have no effect (`UntouchedHeaders`). Setting `Host` or `:authority` of a request changes
    /// where it is addressed to. Values with an unknown variable are left out.
    init(_ changes: HeaderOperations.Changes, ofRequest: Bool) {
        func acts(_ name: String, _ operation: UntouchedHeaders.Operation) -> Bool {
            UntouchedHeaders.reason(name, operation, ofRequest: ofRequest) == nil
        }
        removals = changes.remove.filter { acts($0, .remove) }.map(FieldName.canonical).sorted {
            $0.lexicographicallyPrecedes($1)
        }
        for (name, text) in changes.set.sorted(by: { $0.key < $1.key }) where acts(name, .set) {
            guard let value = ValueTemplate(text) else { continue }
            let name = FieldName.canonical(name)
            if name == FieldName.authority {
                authority = value
            } else {
                settings.append(Entry(name: name, value: value))
            }
        }
        for (name, text) in changes.add.sorted(by: { $0.key < $1.key }) where acts(name, .add) {
            guard let value = ValueTemplate(text) else { continue }
            additions.append(Entry(name: FieldName.canonical(name), value: value))
        }
    }

    /// Whether nothing changes.
    package var isEmpty: Bool { removals.isEmpty && settings.isEmpty && additions.isEmpty && authority == nil }
}
