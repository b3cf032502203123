/// The spec of a WorkloadGroup: what workloads of one kind have in common (I 1.4).
package struct WorkloadGroupSpec: Sendable, Hashable {
    /// Labels of its workloads' metadata.
    package var labels: [String: String] = [:]
    /// Annotations of its workloads' metadata.
    package var annotations: [String: String] = [:]
    /// The entry of each of its workloads, without an address.
    package var template = WorkloadEntrySpec(address: "")
    /// How its workloads are asked whether they can take traffic; nil: they are not asked.
    package var probe: ReadinessProbe?

    /// Reads the spec of a whole document. Throws every problem found.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(SpecDocument.reader(of: document, findings))
        try findings.check()
    }

    init(_ reader: ObjectReader) {
        if let metadata = reader.object("metadata", about: "Metadata of its workloads.") {
            labels = metadata.stringMap("labels", about: "Labels of its workloads.") ?? [:]
            annotations = metadata.stringMap("annotations", about: "Annotations of its workloads.") ?? [:]
            metadata.finish()
        }
        if let template = reader.object(
            "template", required: true, about: "The entry of each of its workloads, without an address.")
        {
            self.template = WorkloadEntrySpec(template)
        }
        probe = reader.object("probe", about: "How it is found out whether a workload is healthy.")
            .flatMap(ReadinessProbe.init)
        reader.finish()
    }
}
