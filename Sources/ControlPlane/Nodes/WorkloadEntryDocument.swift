package import MeshModel

/// The WorkloadEntry that stands for a reported workload.
package enum WorkloadEntryDocument {
    /// The label with the node's name: entries that carry it are written by ambitd, on behalf of that node only.
    package static let nodeLabel = "ambit.io/node"
    /// The annotation with all addresses after the first, separated by commas.
    package static let addressesAnnotation = "ambit.io/addresses"
    /// The annotation, "true", of a workload whose addresses are the host's; as `hostNetwork` of a pod (DESIGN D4).
    package static let hostNetworkAnnotation = "ambit.io/host-network"

    /// A new entry; `time` is now (RFC 3339).
    package static func make(_ report: WorkloadReport, node: String, time: String) -> Resource {
        var entry = Resource(
            kind: .workloadEntry,
            metadata: ResourceMetadata(
                name: report.name, namespace: report.namespace, labels: labels(report, node),
                annotations: annotations(report)), spec: spec(report))
        entry.set("status", status(report, time: time))
        return entry
    }

    /// `old` with what the report says now, nil where that is what it says already. Annotations of others stay.
    package static func update(_ old: Resource, _ report: WorkloadReport, node: String, time: String) -> Resource? {
        var metadata = old.metadata
        metadata.labels = labels(report, node)
        let now = annotations(report)
        for name in [addressesAnnotation, hostNetworkAnnotation] { metadata.annotations[name] = now[name] }
        var entry = old
        entry.setMetadata(metadata)
        entry.set("spec", spec(report))
        if health(of: old) != health(report) { entry.set("status", status(report, time: time)) }
        return entry == old ? nil : entry
    }

    private static func labels(_ report: WorkloadReport, _ node: String) -> [String: String] {
        report.labels.merging([nodeLabel: node]) { _, own in own }
    }

    private static func annotations(_ report: WorkloadReport) -> [String: String] {
        var annotations: [String: String] = [:]
        let more = report.addresses.dropFirst()
        if !more.isEmpty { annotations[addressesAnnotation] = more.map(\.description).joined(separator: ",") }
        if report.sharesHostAddress { annotations[hostNetworkAnnotation] = "true" }
        return annotations
    }

    private static func spec(_ report: WorkloadReport) -> JSONValue {
        var spec = JSONObject()
        spec["address"] = .string(report.addresses.first?.description ?? "")
        var ports = JSONObject()
        for (name, port) in report.ports.sorted(by: { $0.key < $1.key }) { ports[name] = .int(Int64(port)) }
        spec["ports"] = ports.isEmpty ? nil : .object(ports)
        var labels = JSONObject()
        for (key, value) in report.labels.sorted(by: { $0.key < $1.key }) { labels[key] = .string(value) }
        spec["labels"] = labels.isEmpty ? nil : .object(labels)
        spec["network"] = report.network.isEmpty ? nil : .string(report.network)
        spec["locality"] = report.locality.isEmpty ? nil : .string(report.locality)
        spec["weight"] = report.weight > 0 ? .int(Int64(report.weight)) : nil
        spec["serviceAccount"] = .string(report.serviceAccount)
        return .object(spec)
    }

    private static func status(_ report: WorkloadReport, time: String) -> JSONValue {
        let condition: JSONObject = [
            "type": .string("Healthy"), "status": .string(health(report)), "lastTransitionTime": .string(time),
        ]
        return .object(["conditions": .array([.object(condition)])])
    }

    private static func health(_ report: WorkloadReport) -> String { report.isHealthy ? "True" : "False" }

    private static func health(of entry: Resource) -> String? {
        entry.object["status"]?["conditions"]?.asArray?.first { $0["type"]?.asString == "Healthy" }?["status"]?.asString
    }
}
