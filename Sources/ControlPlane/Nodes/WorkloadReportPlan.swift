package import MeshAPI
package import MeshModel

/// What a node's report changes in the store. Pure: decided from the report, the node's grants and the entries that exist.
///
/// The list is the whole truth of who reports on that node: its entries that are not in it are deleted. Entries of others are
/// never touched, and addresses of others never taken (DESIGN D7): a node must not draw another's traffic to itself.
package struct WorkloadReportPlan: Sendable {
    /// Why each reported workload was refused, by position; nil: it was taken.
    package private(set) var refusals: [String?] = []
    /// How the node is to ask each reported workload, by position; nil: it is not asked.
    package private(set) var probes: [Ambit_Node_V1_Probe?] = []
    /// Entries to create.
    package private(set) var creations: [Resource] = []
    /// Existing entries with what changed; they carry the resource version that was seen.
    package private(set) var updates: [Resource] = []
    /// Entries that the node no longer has.
    package private(set) var deletions: [Resource] = []

    /// Decides, for what `scope` of the node reports. `entries` and `groups` are all WorkloadEntries and WorkloadGroups of the mesh; `taken` are the addresses of
    /// others; `time` is now (RFC 3339).
    package init(
        _ workloads: [Ambit_Node_V1_Workload], node: String, scope: ReportScope = .workloads, grants: [NodeGrant],
        entries: [Resource], groups: [Resource], taken: TakenAddresses, time: String
    ) {
        let templates = Dictionary(
            groups.compactMap(WorkloadGroupTemplate.init).map { ($0.reference, $0) },
            uniquingKeysWith: { first, _ in first })
        let existing = Dictionary(
            entries.map { ("\($0.metadata.namespace)/\($0.metadata.name)", $0) },
            uniquingKeysWith: { first, _ in first })
        var reported = Set<String>()
        for message in workloads {
            // Even a refused workload is on the node: its entry stays as it was.
            let key = "\(message.namespace)/\(message.name)"
            let template = templates["\(message.namespace)/\(message.group)"]
            probes.append(template?.probe)
            switch Self.decide(
                message, node: node, scope: scope, grants: grants, existing: existing[key], taken: taken,
                template: template, isRepeated: !reported.insert(key).inserted, time: time)
            {
            case .success(.create(let entry)):
                creations.append(entry)
                refusals.append(nil)
            case .success(.update(let entry)):
                updates.append(entry)
                refusals.append(nil)
            case .success(.keep):
                refusals.append(nil)
            case .failure(let refusal):
                refusals.append(refusal.description)
            }
        }
        deletions = entries.filter { entry in
            Self.node(of: entry) == node && ReportScope(of: entry) == scope
                && !reported.contains("\(entry.metadata.namespace)/\(entry.metadata.name)")
        }
    }

    /// What one reported workload changes.
    private enum Change {
        case create(Resource)
        case update(Resource)
        case keep
    }

    private static func decide(
        _ message: Ambit_Node_V1_Workload, node: String, scope: ReportScope, grants: [NodeGrant],
        existing: Resource?, taken: TakenAddresses, template: WorkloadGroupTemplate?, isRepeated: Bool, time: String
    ) -> Result<Change, WorkloadReport.Refusal> {
        Result { () throws(WorkloadReport.Refusal) in
            var report = try WorkloadReport(message)
            guard !isRepeated else {
                throw WorkloadReport.Refusal(description: "workload \(report.key) is in the report twice")
            }
            if let template {
                report = try template.fill(report)
            } else if !report.group.isEmpty {
                throw WorkloadReport.Refusal(
                    description:
                        "WorkloadGroup \(report.namespace)/\(report.group) does not exist; create it, the node reports "
                        + "again, or enrol the workload without --group")
            }
            guard scope.namespace == nil || scope.namespace == report.namespace else {
                throw WorkloadReport.Refusal(
                    description: "it is in the namespace \(report.namespace), and \(scope) is not")
            }
            try check(report, grants: grants, taken: taken, node: node)
            let probe = template?.spec.probe == nil ? nil : template?.version
            guard let existing else {
                return .create(
                    WorkloadEntryDocument.make(report, node: node, scope: scope, probe: probe, time: time))
            }
            guard Self.node(of: existing) == node else {
                let owner = Self.node(of: existing).map { "node \($0)" } ?? "an administrator"
                throw WorkloadReport.Refusal(
                    description:
                        "WorkloadEntry \(report.key) belongs to \(owner); enrol under another name, or delete it")
            }
            guard ReportScope(of: existing) == scope else {
                throw WorkloadReport.Refusal(
                    description:
                        "WorkloadEntry \(report.key) was reported by \(ReportScope(of: existing)) on node \(node); use "
                        + "another name")
            }
            return WorkloadEntryDocument.update(
                existing, report, node: node, scope: scope, probe: probe, time: time
            ).map { .update($0) } ?? .keep
        }
    }

    private static func check(
        _ report: WorkloadReport, grants: [NodeGrant], taken: TakenAddresses, node: String
    ) throws(WorkloadReport.Refusal) {
        guard grants.contains(where: { $0.covers(namespace: report.namespace, serviceAccount: report.serviceAccount) })
        else {
            throw WorkloadReport.Refusal(
                description:
                    "node \(node) may not host \(report.namespace)/\(report.serviceAccount); if it should: "
                    + "ambitctl node allow \(node) \(report.namespace)/\(report.serviceAccount)")
        }
        for address in report.addresses {
            if let owner = taken.owner(of: NetworkAddress(network: report.network, ip: address)) {
                throw WorkloadReport.Refusal(
                    description:
                        "address \(address) belongs to \(owner); a node cannot report it for a workload of its own")
            }
        }
    }

    private static func node(of entry: Resource) -> String? {
        entry.metadata.labels[WorkloadEntryDocument.nodeLabel]
    }
}
