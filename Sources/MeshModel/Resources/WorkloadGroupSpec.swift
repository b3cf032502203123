/// A template of workloads (I 1.4).
package struct WorkloadGroupSpec: Hashable, Sendable {
    /// Labels of the workloads made from it.
    package var labels: [String: String]
    /// Annotations of the workloads made from it.
    package var annotations: [String: String]
    /// Everything but the address.
    package var template: WorkloadEntrySpec

    /// Reads a whole WorkloadGroup document.
    package init(_ object: JSONValue) throws(SpecError) {
        let spec = object["spec"]
        labels = spec?["metadata"]?["labels"]?.stringMap ?? [:]
        annotations = spec?["metadata"]?["annotations"]?.stringMap ?? [:]
        template = try WorkloadEntrySpec(spec: spec?["template"] ?? .null, at: FieldPath("spec", "template"))
    }
}
