import MeshModel

/// Which object is meant: kind, namespace and name.
struct ResourceReference: Hashable, Sendable, CustomStringConvertible {
    let kind: ResourceKind
    /// Nil for kinds that have no namespace.
    let namespace: String?
    let name: String

    init(kind: ResourceKind, namespace: String?, name: String) {
        self.kind = kind
        self.namespace = kind.isNamespaced ? namespace : nil
        self.name = name
    }

    /// `service/web`, as commands print it.
    var description: String {
        "\(kind.singular)/\(name)"
    }

    /// ` in namespace "shop"`, or nothing.
    var place: String {
        namespace.map { " in namespace \"\($0)\"" } ?? ""
    }

    /// The object's path in the resource API.
    var path: String {
        Self.collection(kind, namespace: namespace) + "/" + name
    }

    /// The path of all objects of a kind, in one namespace or in all.
    static func collection(_ kind: ResourceKind, namespace: String?) -> String {
        let root = (kind.group.isEmpty ? "/api/" : "/apis/") + kind.apiVersion()
        guard kind.isNamespaced, let namespace else { return "\(root)/\(kind.plural)" }
        return "\(root)/namespaces/\(namespace)/\(kind.plural)"
    }
}
