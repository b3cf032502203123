import Foundation
import MeshModel
import MeshPolicy

/// What one resource is and does, in words. Pure.
enum Explanation {
    /// The description's text, ended by a newline.
    static func text(of resource: Resource, in mesh: MeshView, now: Date) -> String {
        var text = DescriptionText()
        let metadata = resource.metadata
        text.fact("Kind", resource.kind.kind)
        text.fact("Name", metadata.name)
        if resource.kind.isNamespaced { text.fact("Namespace", metadata.namespace) }
        text.fact("Labels", pairs(metadata.labels))
        // kubectl's copy of the whole object says nothing new, and of a Secret it would say the values.
        let annotations = metadata.annotations.filter { $0.key != lastApplied }
        if !annotations.isEmpty { text.fact("Annotations", pairs(annotations)) }
        let created = metadata.creationTimestamp
        text.fact("Created", created.isEmpty ? nil : "\(created) (\(Age.text(since: created, now: now)) ago)")
        var warnings = mesh.warnings(of: resource)
        switch resource.kind {
        case .service, .serviceEntry: warnings += ServiceExplanation(resource, mesh).write(into: &text)
        case .workloadEntry: warnings += WorkloadExplanation(resource, mesh).write(into: &text)
        case .authorizationPolicy, .peerAuthentication:
            warnings += PolicyExplanation(resource, mesh).write(into: &text)
        case .namespace: NamespaceExplanation(resource, mesh).write(into: &text)
        case .serviceAccount: AccountExplanation(resource, mesh).write(into: &text)
        case .secret: text.table("Data", SecretExplanation.table(resource))
        case .workloadGroup, .virtualService, .destinationRule, .gateway, .sidecar:
            text.block("Specification", YAMLWriter.text(resource.spec ?? .null))
        }
        text.list("Conditions", conditions(resource))
        text.list("Warnings", warnings)
        return text.text
    }

    private static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

    /// `a=1, b=2`, sorted.
    static func pairs(_ map: [String: String]) -> String {
        map.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ", ")
    }

    /// What ambitd or a node wrote into the object's status.
    private static func conditions(_ resource: Resource) -> [String] {
        (resource.object["status"]?["conditions"]?.elements ?? []).map { condition in
            let head = "\(condition["type"]?.asString ?? "")=\(condition["status"]?.asString ?? "")"
            let reason = [condition["reason"]?.asString, condition["message"]?.asString].compactMap { $0 }
                .filter { !$0.isEmpty }
            return reason.isEmpty ? head : "\(head): \(reason.joined(separator: ", "))"
        }
    }

    /// The policies that ztunnels enforce at some workloads: name, what it does, at which of them.
    static func policies(of workloads: [Workload], in mesh: MeshView) -> Table {
        let rows = mesh.compiled.policies.compactMap { policy -> [String]? in
            let under = workloads.filter { mesh.enforces(policy, at: $0) }.map(\.name)
            guard !under.isEmpty else { return nil }
            let isEverywhere = workloads.count > 1 && under.count == workloads.count
            return [
                policy.key.description, PolicyExplanation.effect(policy, in: mesh),
                isEverywhere ? "all of them" : under.joined(separator: ", "),
            ]
        }
        return Table(["POLICY", "DOES", "AT"], rows: rows)
    }

    /// WORKLOAD, NAMESPACE, ADDRESS, HEALTH.
    static func workloads(_ workloads: [Workload]) -> Table {
        Table(
            ["WORKLOAD", "NAMESPACE", "ADDRESS", "HEALTH"],
            rows: workloads.map { [$0.name, $0.namespace, address($0), $0.health.rawValue] })
    }

    /// A workload's addresses, or the name that it is resolved by.
    static func address(_ workload: Workload) -> String {
        workload.addresses.isEmpty
            ? workload.hostname : workload.addresses.map(\.description).joined(separator: ",")
    }
}
