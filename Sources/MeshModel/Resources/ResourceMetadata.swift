/// The part of `metadata` that the control plane reads. The whole of it stays in `Resource.object`.
package struct ResourceMetadata: Hashable, Sendable {
    package var name: String
    /// Empty for kinds that are not namespaced.
    package var namespace: String
    package var uid: String
    package var resourceVersion: String
    package var generation: Int64
    /// RFC 3339; empty before the object is stored.
    package var creationTimestamp: String
    package var labels: [String: String]
    package var annotations: [String: String]

    /// Metadata of an object that is not stored yet.
    package init(
        name: String, namespace: String = "", uid: String = "", resourceVersion: String = "", generation: Int64 = 0,
        creationTimestamp: String = "", labels: [String: String] = [:], annotations: [String: String] = [:]
    ) {
        self.name = name
        self.namespace = namespace
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.generation = generation
        self.creationTimestamp = creationTimestamp
        self.labels = labels
        self.annotations = annotations
    }

    /// Reads the `metadata` object of a validated document.
    init(_ metadata: JSONValue?) {
        self.init(
            name: metadata?["name"]?.asString ?? "", namespace: metadata?["namespace"]?.asString ?? "",
            uid: metadata?["uid"]?.asString ?? "", resourceVersion: metadata?["resourceVersion"]?.asString ?? "",
            generation: metadata?["generation"]?.asInt ?? 0,
            creationTimestamp: metadata?["creationTimestamp"]?.asString ?? "",
            labels: metadata?["labels"]?.stringMap ?? [:], annotations: metadata?["annotations"]?.stringMap ?? [:])
    }
}
