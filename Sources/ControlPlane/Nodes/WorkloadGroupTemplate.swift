import MeshAPI
package import MeshModel

/// What a WorkloadGroup gives the workloads that are enrolled in it (I 1.4): template and probe.
package struct WorkloadGroupTemplate: Sendable, Equatable {
    /// `namespace/name`.
    package let reference: String
    package let spec: WorkloadGroupSpec
    /// Changes whenever the group does: what the outcome of a probe is an outcome of.
    package let version: String

    /// From a stored object; nil where its spec cannot be read, which validation excludes.
    package init?(_ group: Resource) {
        guard let spec = try? WorkloadGroupSpec(group.object) else { return nil }
        self.spec = spec
        reference = group.reference
        version = "\(group.metadata.uid)/\(group.metadata.generation)"
    }

    /// The group's probe for the node.
    var probe: Ambit_Node_V1_Probe? { spec.probe.map { Ambit_Node_V1_Probe($0, version: version) } }

    /// The report with what it leaves open filled from the template. The identity is the enrolment's alone: a template
    /// that names another one is a mistake of either side.
    func fill(_ report: WorkloadReport) throws(WorkloadReport.Refusal) -> WorkloadReport {
        let template = spec.template
        guard template.serviceAccount.isEmpty || template.serviceAccount == report.serviceAccount else {
            throw WorkloadReport.Refusal(
                description:
                    "WorkloadGroup \(reference) is of the service account \(template.serviceAccount), but it is enrolled "
                    + "with \(report.serviceAccount); enrol it again with --service-account \(template.serviceAccount)")
        }
        var filled = report
        filled.labels = spec.labels.merging(template.labels) { _, own in own }.merging(report.labels) { _, own in own }
        filled.ports = ports(report.ports)
        if report.weight == 0 { filled.weight = template.weight ?? 0 }
        if report.locality.isEmpty { filled.locality = template.locality }
        if report.network.isEmpty { filled.network = template.network }
        return filled
    }

    /// Ports that the enrolment gives are all there are. Those that the node found by itself add to the template's.
    private func ports(_ reported: [String: UInt16]) -> [String: UInt16] {
        guard reported.allSatisfy({ name, port in name == "tcp-\(port)" }) else { return reported }
        let named = Set(spec.template.ports.values)
        return reported.filter { !named.contains($0.value) }.merging(spec.template.ports) { own, _ in own }
    }
}
