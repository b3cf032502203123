package import MeshModel

/// All resources of the mesh, to look up how they concern each other: label selection within a namespace, policies of a
/// namespace, policies of the root namespace. Pure.
package struct MeshView: Sendable {
    /// Policies here without a selector hold for the whole mesh.
    package static let rootNamespace = "istio-system"

    private let objects: [ResourceKind: [JSONValue]]
    private let trustDomain: String?

    package init(_ lists: [ResourceQuery.List], trustDomain: String?) {
        self.trustDomain = trustDomain
        objects = Dictionary(lists.map { ($0.kind, $0.objects) }) { $0 + $1 }
    }

    /// The SPIFFE identity of a service account; without its trust domain if that is not known.
    package func identity(namespace: String, account: String) -> String {
        let path = "ns/\(namespace)/sa/\(account)"
        return trustDomain.map { "spiffe://\($0)/\(path)" } ?? path
    }

    /// The name by which the mesh's DNS knows a service.
    package func hostName(_ name: String, _ namespace: String) -> String {
        ["\(name).\(namespace).svc", trustDomain].compactMap { $0 }.joined(separator: ".")
    }

    /// The objects of a kind in a namespace (in all: nil), by name.
    package func all(_ kind: ResourceKind, in namespace: String? = nil) -> [JSONValue] {
        (objects[kind] ?? []).filter { namespace == nil || Self.namespace($0) == namespace }
            .sorted { (Self.namespace($0), Self.name($0)) < (Self.namespace($1), Self.name($1)) }
    }

    /// The workloads of a namespace that have all labels of a selector; none for an empty selector.
    package func workloads(in namespace: String, selectedBy selector: [(name: String, value: JSONValue)]) -> [JSONValue]
    {
        guard !selector.isEmpty else { return [] }
        return all(.workloadEntry, in: namespace).filter { Self.has($0, selector) }
    }

    /// The workloads that a policy without target references is for.
    package func workloads(under policy: JSONValue) -> [JSONValue] {
        all(.workloadEntry).filter { applies(policy, to: $0) }
    }

    /// The services and service entries of a workload's namespace that select it.
    package func services(of workload: JSONValue) -> [(kind: ResourceKind, object: JSONValue)] {
        let namespace = Self.namespace(workload)
        let services = all(.service, in: namespace).filter { Self.selects($0["spec"]?["selector"], workload) }
        let entries = all(.serviceEntry, in: namespace).filter {
            Self.selects($0["spec"]?["workloadSelector"]?["labels"], workload)
        }
        return services.map { (.service, $0) } + entries.map { (.serviceEntry, $0) }
    }

    /// The policies that hold for a workload.
    package func policies(of workload: JSONValue) -> [(kind: ResourceKind, object: JSONValue)] {
        [ResourceKind.peerAuthentication, .authorizationPolicy].flatMap { kind in
            all(kind).filter { applies($0, to: workload) }.map { (kind, $0) }
        }
    }

    /// A policy holds for what it selects in its namespace, for the whole namespace without a selector, and for the mesh
    /// from the root namespace. Policies with target references are the waypoints'.
    private func applies(_ policy: JSONValue, to workload: JSONValue) -> Bool {
        guard !Self.hasTargets(policy) else { return false }
        let namespace = Self.namespace(policy)
        guard namespace == Self.rootNamespace || namespace == Self.namespace(workload) else { return false }
        let selector = policy["spec"]?["selector"]?["matchLabels"]?.members ?? []
        return Self.has(workload, selector)
    }

    /// Whether a policy is attached to a service or gateway instead of selecting workloads.
    package static func hasTargets(_ policy: JSONValue) -> Bool {
        policy["spec"]?["targetRef"] != nil || policy["spec"]?["targetRefs"] != nil
    }

    package static func name(_ object: JSONValue) -> String {
        object["metadata"]?["name"]?.asString ?? ""
    }

    package static func namespace(_ object: JSONValue) -> String {
        object["metadata"]?["namespace"]?.asString ?? ""
    }

    /// A workload's labels: those of its specification, and those of the object where that has none of the name.
    package static func labels(_ workload: JSONValue) -> [String: String] {
        let own = (workload["metadata"]?["labels"]?.members ?? []).map { ($0.name, $0.value.asString ?? "") }
        let specified = (workload["spec"]?["labels"]?.members ?? []).map { ($0.name, $0.value.asString ?? "") }
        return Dictionary(own + specified) { $1 }
    }

    private static func selects(_ selector: JSONValue?, _ workload: JSONValue) -> Bool {
        let members = selector?.members ?? []
        return !members.isEmpty && has(workload, members)
    }

    private static func has(_ workload: JSONValue, _ selector: [(name: String, value: JSONValue)]) -> Bool {
        let labels = labels(workload)
        return selector.allSatisfy { labels[$0.name] == $0.value.asString }
    }
}
