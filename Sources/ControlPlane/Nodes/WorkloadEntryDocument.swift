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

    /// The condition of a gateway: False while servers of its Gateways fail, with what is wrong; absent where none ever did.
    package static let serversReady = "ServersReady"

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
        entry.set("status", status(of: nil, report, probe: probe, time: time))
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
        let status = status(of: old, report, probe: probe, time: time)
        if old.object["status"] != status { entry.set("status", status) }
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

    /// What `report` makes of the status of `old`: conditions that stay as they are keep their time.
    private static func status(of old: Resource?, _ report: WorkloadReport, probe: String?, time: String) -> JSONValue {
        let before = old?.object["status"]?["conditions"]?.asArray ?? []
        func former(_ type: String) -> JSONValue? { before.first { $0["type"]?.asString == type } }
        func condition(_ type: String, _ status: String, reason: String? = nil, message: String? = nil) -> JSONValue {
            var condition: JSONObject = ["type": .string(type), "status": .string(status)]
            condition["reason"] = reason.map(JSONValue.string)
            condition["message"] = message.map(JSONValue.string)
            let former = former(type)
            let isOld = former?["status"]?.asString == status
            condition["lastTransitionTime"] = (isOld ? former?["lastTransitionTime"] : nil) ?? .string(time)
            return .object(condition)
        }
        let healthy = health(report, probe: probe, before: former("Healthy")?["status"]?.asString)
        var conditions = [condition("Healthy", healthy)]
        if !report.problems.messages.isEmpty {
            conditions.append(
                condition(
                    serversReady, "False", reason: "ServersFail",
                    message: report.problems.messages.joined(separator: "; ")))
        } else if former(serversReady) != nil {
            conditions.append(condition(serversReady, "True", reason: "ServersReady"))
        }
        return .object(["conditions": .array(conditions)])
    }

    /// A bad outcome counts at once, a good one only if it is of the probe that holds now. Until there is one (a ztunnel
    /// that just started, a group that was just changed), what was known before goes on, and a new workload is not ready.
    private static func health(_ report: WorkloadReport, probe: String?, before: String?) -> String {
        guard report.isHealthy else { return "False" }
        guard let probe, report.probeVersion != probe else { return "True" }
        return before ?? "False"
    }
}
