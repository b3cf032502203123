package import MeshModel

/// A spec with what routing must know of the resource around it.
package struct Configured<Spec: Sendable>: Sendable {
    package let namespace: String
    package let name: String
    /// RFC 3339; of two resources in conflict the older stands.
    package let creationTimestamp: String
    package let spec: Spec

    /// The spec of a resource.
    package init(namespace: String, name: String, creationTimestamp: String = "", spec: Spec) {
        self.namespace = namespace
        self.name = name
        self.creationTimestamp = creationTimestamp
        self.spec = spec
    }

    /// The spec that was read from `resource`.
    package init(_ resource: Resource, _ spec: Spec) {
        self.init(
            namespace: resource.metadata.namespace, name: resource.metadata.name,
            creationTimestamp: resource.metadata.creationTimestamp, spec: spec)
    }

    /// `namespace/name`.
    package var reference: String { "\(namespace)/\(name)" }

    /// Orders the older first; one without a time is the newest.
    static func isOlder(_ left: Self, _ right: Self) -> Bool {
        let times = (left.creationTimestamp, right.creationTimestamp)
        if times.0 != times.1 {
            if times.0.isEmpty || times.1.isEmpty { return times.1.isEmpty }
            return times.0 < times.1
        }
        return (left.namespace, left.name) < (right.namespace, right.name)
    }
}
