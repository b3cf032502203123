package import Foundation
package import MeshModel

/// What one resource is and does, in words. Pure.
package enum Explanation {
    /// The description's text, ended by a newline.
    package static func text(of kind: ResourceKind, _ object: JSONValue, in mesh: MeshView, now: Date) -> String {
        var text = DescriptionText()
        let metadata = object["metadata"]
        text.fact("Kind", kind.kind)
        text.fact("Name", metadata?["name"]?.asString)
        if kind.isNamespaced { text.fact("Namespace", metadata?["namespace"]?.asString) }
        text.fact("Labels", pairs(metadata?["labels"]))
        if let annotations = metadata?["annotations"] { text.fact("Annotations", pairs(annotations)) }
        let created = metadata?["creationTimestamp"]?.asString
        text.fact("Created", created.map { "\($0) (\(Age.text(since: $0, now: now)) ago)" })
        var warnings: [String] = []
        switch kind {
        case .service: warnings = ServiceExplanation(object, mesh).write(into: &text)
        case .serviceEntry: warnings = ServiceEntryExplanation(object, mesh).write(into: &text)
        case .workloadEntry: warnings = WorkloadExplanation(object, mesh).write(into: &text)
        case .authorizationPolicy, .peerAuthentication:
            warnings = PolicyExplanation(kind, object, mesh).write(into: &text)
        case .namespace: NamespaceExplanation(object, mesh).write(into: &text)
        case .serviceAccount: AccountExplanation(object, mesh).write(into: &text)
        default: text.block("Specification", YAMLWriter.text(object["spec"] ?? .null))
        }
        text.list("Conditions", conditions(object))
        text.list("Warnings", warnings)
        return text.text
    }

    /// `a=1, b=2`, sorted.
    package static func pairs(_ object: JSONValue?) -> String {
        (object?.members ?? []).map { "\($0.name)=\($0.value.asString ?? "")" }.sorted().joined(separator: ", ")
    }

    /// What ambitd or a node wrote into the object's status.
    private static func conditions(_ object: JSONValue) -> [String] {
        (object["status"]?["conditions"]?.elements ?? []).map { condition in
            let head = "\(condition["type"]?.asString ?? "")=\(condition["status"]?.asString ?? "")"
            let reason = [condition["reason"]?.asString, condition["message"]?.asString].compactMap { $0 }
                .filter { !$0.isEmpty }
            return reason.isEmpty ? head : "\(head): \(reason.joined(separator: ", "))"
        }
    }

    /// The policies that hold for any of some workloads: kind, name, what it does, for whom.
    static func policies(of workloads: [JSONValue], in mesh: MeshView) -> Table {
        var order: [String] = []
        var facts: [String: (what: String, names: [String])] = [:]
        for workload in workloads {
            for (kind, policy) in mesh.policies(of: workload) {
                let key = "\(kind.singular)/\(MeshView.name(policy)) (\(MeshView.namespace(policy)))"
                if facts[key] == nil {
                    order.append(key)
                    facts[key] = (PolicyExplanation.effect(kind, policy), [])
                }
                facts[key]?.names.append(MeshView.name(workload))
            }
        }
        return Table(
            ["POLICY (NAMESPACE)", "DOES", "FOR"],
            rows: order.map { key in
                let names = facts[key]?.names ?? []
                let all = workloads.count > 1 && names.count == workloads.count
                return [key, facts[key]?.what ?? "", all ? "all of them" : names.joined(separator: ", ")]
            })
    }
}
