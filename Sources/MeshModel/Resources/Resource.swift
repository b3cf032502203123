/// One object of the API: its kind, the metadata that is read often, and the whole document.
package struct Resource: Hashable, Sendable {
    package let kind: ResourceKind
    /// Always equal to what `object` says: change it through `setMetadata`.
    package private(set) var metadata: ResourceMetadata
    /// The whole document, `apiVersion` in the storage version.
    package private(set) var object: JSONValue

    /// A resource of a document whose kind is known and whose metadata has been checked. The document's `apiVersion` is
    /// set to the storage version: all served versions of our kinds have the same fields.
    package init(kind: ResourceKind, object: JSONValue) {
        var object = object
        object["apiVersion"] = .string(kind.apiVersion())
        object["kind"] = .string(kind.kind)
        self.kind = kind
        self.metadata = ResourceMetadata(object["metadata"])
        self.object = object
    }

    /// A resource of the parts that code makes itself.
    package init(kind: ResourceKind, metadata: ResourceMetadata, spec: JSONValue? = nil) {
        var object: JSONValue = .object([
            "apiVersion": .string(kind.apiVersion()), "kind": .string(kind.kind), "metadata": .object([:]),
        ])
        if let spec { object["spec"] = spec }
        self.kind = kind
        self.metadata = metadata
        self.object = object
        writeMetadata()
    }

    /// Replaces the metadata that is read often; members of `metadata` that are not among it stay.
    package mutating func setMetadata(_ new: ResourceMetadata) {
        metadata = new
        writeMetadata()
    }

    /// Replaces one top-level member, such as `spec` or `status`.
    package mutating func set(_ member: String, _ value: JSONValue?) {
        object[member] = value
    }

    /// The `spec` of the document.
    package var spec: JSONValue? { object["spec"] }

    /// `namespace/name`, or the name alone.
    package var reference: String {
        metadata.namespace.isEmpty ? metadata.name : "\(metadata.namespace)/\(metadata.name)"
    }

    private mutating func writeMetadata() {
        var written = object["metadata"] ?? .object([:])
        written["name"] = .string(metadata.name)
        written["namespace"] = metadata.namespace.isEmpty ? nil : .string(metadata.namespace)
        written["uid"] = metadata.uid.isEmpty ? nil : .string(metadata.uid)
        written["resourceVersion"] = metadata.resourceVersion.isEmpty ? nil : .string(metadata.resourceVersion)
        written["generation"] = metadata.generation == 0 ? nil : .int(metadata.generation)
        written["creationTimestamp"] = metadata.creationTimestamp.isEmpty ? nil : .string(metadata.creationTimestamp)
        written["labels"] = Self.object(metadata.labels)
        written["annotations"] = Self.object(metadata.annotations)
        object["metadata"] = written
    }

    private static func object(_ map: [String: String]) -> JSONValue? {
        guard !map.isEmpty else { return nil }
        var object = JSONObject()
        for (key, value) in map.sorted(by: { $0.key < $1.key }) { object[key] = .string(value) }
        return .object(object)
    }
}
