import MeshModel

extension Resource {
    /// Orders by creation, then namespace and name: which of two conflicting resources stands must not depend on anything
    /// that a reader of them cannot see. A resource without a time is the newest.
    static func isOlder(_ left: Resource, _ right: Resource) -> Bool {
        let first = (left.metadata.creationTimestamp, right.metadata.creationTimestamp)
        if first.0 != first.1 {
            if first.0.isEmpty || first.1.isEmpty { return first.1.isEmpty }
            return first.0 < first.1
        }
        return (left.metadata.namespace, left.metadata.name) < (right.metadata.namespace, right.metadata.name)
    }
}
