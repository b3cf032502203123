/// The spec of a DestinationRule: how connections to a host's endpoints are made and shared (I 1.2).
///
/// Plain values as they are written; defaults are for whoever uses them. Its parts have a file each.
package struct DestinationRuleSpec: Sendable, Hashable {
    /// A part of the host's endpoints.
    package struct Subset: Sendable, Hashable {
        package var name: String
        /// Labels that an endpoint must have; none for all endpoints.
        package var labels: [String: String] = [:]
        /// What is different for it, block by block.
        package var trafficPolicy: TrafficPolicy?
    }

    /// The host; a short name is in the object's namespace, `*.x` is for all below.
    package var host: String
    /// For all endpoints and ports.
    package var trafficPolicy: TrafficPolicy?
    package var subsets: [Subset] = []
    /// Namespaces whose clients use it: names, `.` or `*`; empty for all.
    package var exportTo: [String] = []
    /// Labels of the clients that use it; nil for all.
    package var workloadSelector: [String: String]?

    /// Reads the spec of a whole document. Throws every problem of its form.
    package init(_ document: JSONValue) throws(FieldProblems) {
        let findings = Findings()
        self.init(SpecDocument.reader(of: document, findings, naming: .protobuf))
        try findings.check()
    }

    init(_ reader: ObjectReader) {
        host =
            reader.string(
                "host", required: true, about: "The host; a short name is in this namespace, *.x is for all below.")
            ?? ""
        trafficPolicy = reader.object("trafficPolicy", about: "How connections are made and shared.").map {
            TrafficPolicy($0)
        }
        subsets = reader.objects(
            "subsets", mergeKey: "name", short: .text("name"), about: "Parts of the endpoints, by labels."
        ).map {
            Subset($0)
        }
        exportTo = reader.strings("exportTo", about: "Namespaces whose clients use it; . for this one, * for all.")
        if let selector = reader.object("workloadSelector", about: "Which clients use it; all where left out.") {
            workloadSelector = selector.stringMap("matchLabels", about: "Labels that all must be there.") ?? [:]
            selector.finish(remedy: "write labels below matchLabels")
        }
        reader.finish()
    }
}

extension DestinationRuleSpec.Subset {
    fileprivate init(_ reader: ObjectReader) {
        name = reader.string("name", required: true, about: "The name that routes use.") ?? ""
        labels = reader.stringMap("labels", about: "Labels that an endpoint must have; all endpoints without.") ?? [:]
        trafficPolicy = reader.object("trafficPolicy", about: "What is different for it, block by block.").map {
            DestinationRuleSpec.TrafficPolicy($0)
        }
        reader.finish()
    }
}
