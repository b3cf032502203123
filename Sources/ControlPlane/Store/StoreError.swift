package import MeshModel

/// Why the store did not do what it was asked to.
package enum StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no such object.
    case notFound(ResourceKind, namespace: String, name: String)
    /// There is one already.
    case alreadyExists(ResourceKind, namespace: String, name: String)
    /// Somebody else changed it meanwhile.
    case conflict(ResourceKind, namespace: String, name: String, expected: String, actual: String)
    /// The change log does not reach back that far; list again and watch from the list's revision.
    case gone(oldest: Int64)
    /// The object must stay.
    case forbidden(String)
    /// The database failed: disk full, file damaged, locked by another process. Nothing was changed.
    case unavailable(String)

    package var description: String {
        switch self {
        case .notFound(let kind, let namespace, let name):
            "\(kind.plural) \"\(name)\" not found\(Self.place(namespace))"
        case .alreadyExists(let kind, let namespace, let name):
            "\(kind.plural) \"\(name)\" already exists\(Self.place(namespace))"
        case .conflict(let kind, let namespace, let name, let expected, let actual):
            "\(kind.plural) \"\(name)\"\(Self.place(namespace)) has changed: you have resourceVersion \(expected), it is at "
                + "\(actual); read it again and repeat your change"
        case .gone(let oldest):
            "changes are kept from resourceVersion \(oldest) on; list again and watch from the list's resourceVersion"
        case .forbidden(let reason): reason
        case .unavailable(let reason): "the store is unavailable: \(reason)"
        }
    }

    private static func place(_ namespace: String) -> String {
        namespace.isEmpty ? "" : " in namespace \"\(namespace)\""
    }
}
