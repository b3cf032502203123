import MeshModel

/// Which resource it is, in all versions of it.
struct ResourceID: Hashable, Sendable {
    private let kind: ResourceKind
    private let namespace: String
    private let name: String

    init(_ resource: Resource) {
        kind = resource.kind
        namespace = resource.metadata.namespace
        name = resource.metadata.name
    }
}
