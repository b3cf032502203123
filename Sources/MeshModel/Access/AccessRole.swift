/// What a user may be. A client certificate carries each role as an organization, in the form of a group.
package enum AccessRole: Hashable, Sendable {
    /// Everything.
    case administrator
    /// Reads and writes what is in one namespace.
    case editor(namespace: String)
    /// Reads what is in one namespace, or in all.
    case reader(namespace: String?)

    private static let administrators = "ambit:admins"
    private static let readers = "ambit:readers"
    private static let editorPrefix = "ambit:editor:"
    private static let readerPrefix = "ambit:reader:"

    /// The role of a group; nil for a group that gives none.
    package init?(group: String) {
        if group == Self.administrators {
            self = .administrator
        } else if group == Self.readers {
            self = .reader(namespace: nil)
        } else if let namespace = Self.namespace(of: group, after: Self.editorPrefix) {
            self = .editor(namespace: namespace)
        } else if let namespace = Self.namespace(of: group, after: Self.readerPrefix) {
            self = .reader(namespace: namespace)
        } else {
            return nil
        }
    }

    /// The group that gives this role.
    package var group: String {
        switch self {
        case .administrator: Self.administrators
        case .editor(let namespace): Self.editorPrefix + namespace
        case .reader(nil): Self.readers
        case .reader(let namespace?): Self.readerPrefix + namespace
        }
    }

    /// Every form of a group, for the texts of refusals.
    package static let groupForms = "\(administrators), \(readers), \(editorPrefix)NAMESPACE, \(readerPrefix)NAMESPACE"

    private static func namespace(of group: String, after prefix: String) -> String? {
        guard group.hasPrefix(prefix) else { return nil }
        let name = String(group.dropFirst(prefix.count))
        return NameRules.label(name) == nil ? name : nil
    }
}
