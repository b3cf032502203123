import MeshModel

/// Changes to one message's fields: first those removed, then those set, then those added (I 2.12).
///
/// Immutable; any thread. A class, since each request looks at four of them, of which most are empty.
package final class FieldChanges: Sendable {
    /// One field and its new value.
    package struct Entry: Sendable {
        /// In lower case.
        package let name: [UInt8]
        package let value: ValueTemplate
    }

    /// No change.
    package static let none = FieldChanges()

    /// Names in lower case.
    package let removals: [[UInt8]]
    /// Fields that have this one value afterwards.
    package let settings: [Entry]
    /// Fields that have one value more afterwards.
    package let additions: [Entry]
    /// The new authority, where a request's `Host` is set.
    package let authority: ValueTemplate?
    /// Whether nothing changes.
    package let isEmpty: Bool

    private init(
        removals: [[UInt8]] = [], settings: [Entry] = [], additions: [Entry] = [], authority: ValueTemplate? = nil
    ) {
        self.removals = removals
        self.settings = settings
        self.additions = additions
        self.authority = authority
        isEmpty = removals.isEmpty && settings.isEmpty && additions.isEmpty && authority == nil
    }

    /// The changes as written, without those that have no effect (`UntouchedHeaders`). Setting `Host` or `:authority` of a request changes
    /// where it is addressed to. Values with an unknown variable are left out.
    convenience init(_ changes: HeaderOperations.Changes, ofRequest: Bool) {
        func acts(_ name: String, _ operation: UntouchedHeaders.Operation) -> Bool {
            UntouchedHeaders.reason(name, operation, ofRequest: ofRequest) == nil
        }
        func entries(_ values: [String: String], _ operation: UntouchedHeaders.Operation) -> [Entry] {
            values.sorted { $0.key < $1.key }.filter { acts($0.key, operation) }.compactMap { name, text in
                ValueTemplate(text).map { Entry(name: FieldName.canonical(name), value: $0) }
            }
        }
        let set = entries(changes.set, .set)
        self.init(
            removals: changes.remove.filter { acts($0, .remove) }.map(FieldName.canonical).sorted {
                $0.lexicographicallyPrecedes($1)
            },
            settings: set.filter { $0.name != FieldName.authority }, additions: entries(changes.add, .add),
            authority: set.last { $0.name == FieldName.authority }?.value)
    }
}
