package import HTTPWire
package import MeshPolicy

/// Changes heads as routes say (I 2.12). Pure.
package enum FieldEditing {
    /// Applies the changes of a route or destination: first removals, then settings, then additions. `value` makes values; a field
    /// whose value is empty is left out, as Envoy does.
    package static func apply(
        _ changes: FieldChanges, to fields: inout HTTPFieldBlock, value: (ValueTemplate) -> [UInt8]
    ) {
        guard !changes.isEmpty else { return }
        let authority = changes.authority.map(value)
        var made = HTTPFieldBlock()
        fields.forEach { name, old, sensitive in
            if changes.removals.contains(where: { name.equals($0) }) { return }
            if changes.settings.contains(where: { name.equals($0.name) }) { return }
            if let authority, !authority.isEmpty, name.equals(FieldName.authority) {
                made.append(name: name, value: authority.span, sensitive: sensitive)
            } else {
                made.append(name: name, value: old, sensitive: sensitive)
            }
        }
        for entry in changes.settings + changes.additions {
            let text = value(entry.value)
            if !text.isEmpty { made.append(name: entry.name, value: text) }
        }
        fields = made
    }

    /// Gives each of these fields this one value, instead of any that it has.
    package static func replace(with new: [(name: [UInt8], value: [UInt8])], in fields: inout HTTPFieldBlock) {
        fields.removeAll { name, _ in new.contains { name.equals($0.name) } }
        for field in new { fields.append(name: field.name, value: field.value) }
    }

    /// Sets a field that is there.
    package static func set(_ name: StaticString, to value: [UInt8], in fields: inout HTTPFieldBlock) {
        var made = HTTPFieldBlock()
        fields.forEach { field, old, sensitive in
            made.append(name: field, value: field.equals(name) ? value.span : old, sensitive: sensitive)
        }
        fields = made
    }
}
