package import MeshModel

/// The WorkloadEntry that stands for a reported workload.
package enum WorkloadEntryDocument {
    /// The label with the node's name: entries that carry it are written by ambitd, on behalf of that node only.
    package static let nodeLabel = "ambit.io/node"
    /// The annotation with all addresses after the first, separated by commas.
    package static let addressesAnnotation = "ambit.io/addresses"
    /// The annotation, "true", of a workload whose addresses are the host's; as `hostNetwork` of a pod (DESIGN D4).
    package static let hostNetworkAnnotation = "ambit.io/host-network"

    /// Istio's annotation with the WorkloadGroup that the entry is made from.
    package static let groupAnnotation = "istio.io/autoRegistrationGroup"

    /// A new entry; `time` is now (RFC 3339). `probe` is the version of the probe that holds for the workload: as long as
    /// there is no outcome of it, the workload takes no traffic.
    package static func make(
        _ report: WorkloadReport, node: String, scope: ReportScope = .workloads, probe: String?, time: String
    ) -> Resource {
        var entry = Resource(
            kind: .workloadEntry,
            metadata: ResourceMetadata(
                name: report.name, namespace: report.namespace, labels: labels(report, node),
                annotations: annotations(report, scope)), spec: spec(report))
        entry.set("status", status(health(report, probe: probe, before: nil), time: time))
        return entry
    }

    /// `old` with what the report says now, nil where that is what it says already. Annotations of others stay.
    package static func update(
        _ old: Resource, _ report: WorkloadReport, node: String, scope: ReportScope = .workloads, probe: String?,
        time: String
    ) -> Resource? {
        var metadata = old.metadata
        metadata.labels = labels(report, node)
        let now = annotations(report, scope)
        for name in [addressesAnnotation, hostNetworkAnnotation, groupAnnotation, ReportScope.annotation] {
            metadata.annotations[name] = now[name]
        }
        var entry = old
        entry.setMetadata(metadata)
        entry.set("spec", spec(report))
        let health = health(report, probe: probe, before: self.health(of: old))
        if self.health(of: old) != health { entry.set("status", status(health, time: time)) }
        return entry == old ? nil : entry
    }

    private static func labels(_ report: WorkloadReport, _ node: String) -> [String: String] {
        report.labels.merging([nodeLabel: node]) { _, own in own }
    }

    private static func annotations(_ report: WorkloadReport, _ scope: ReportScope) -> [String: String] {
        var annotations: [String: String] = [:]
        annotations[ReportScope.annotation] = scope.annotation
        let more = report.addresses.dropFirst()
        if !more.isEmpty { annotations[addressesAnnotation] = more.map(\.description).joined(separator: ",") }
        if report.sharesHostAddress { annotations[hostNetworkAnnotation] = "true" }
        if !report.group.isEmpty { annotations[groupAnnotation] = report.group }
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

    private static func status(_ health: String, time: String) -> JSONValue {
        let condition: JSONObject = [
            "type": .string("Healthy"), "status": .string(health), "lastTransitionTime": .string(time),
        ]
        return .object(["conditions": .array([.object(condition)])])
    }

    /// A bad outcome counts at once, a good one only if it is of the probe that holds now. Until there is one (a ztunnel
    /// that just started, a group that was just changed), what was known before goes on, and a new workload is not ready.
    private static func health(_ report: WorkloadReport, probe: String?, before: String?) -> String {
        guard report.isHealthy else { return "False" }
        guard let probe, report.probeVersion != probe else { return "True" }
        return before ?? "False"
    }

    private static func health(of entry: Resource) -> String? {
        entry.object["status"]?["conditions"]?.asArray?.first { $0["type"]?.asString == "Healthy" }?["status"]?.asString
    }
}
