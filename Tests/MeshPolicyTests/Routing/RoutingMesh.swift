import MeshModel
import MeshPolicy
import RE2Engine
import Testing

/// A mesh for routes: the services reviews, ratings and details of namespace shop, each with workloads v1 and v2.
enum Mesh {
    static let engine = RE2Engine()
    static let facts = RequestFacts(port: 9080)

    static func host(_ name: String, _ namespace: String = "shop") -> String {
        "\(name).\(namespace).svc.cluster.local"
    }

    static func name(_ name: String, _ namespace: String = "shop") -> ServiceName {
        ServiceName(namespace: namespace, hostname: host(name, namespace))
    }

    static func workload(
        _ name: String, of service: String, version: String = "v1", locality: String = "", weight: UInt32 = 1,
        health: WorkloadHealth = .healthy, address: UInt8 = 1, labels: [String: String] = [:]
    ) -> Workload {
        Workload(
            uid: name, name: name, namespace: "shop", addresses: [IPAddress(ipv4: 10, 0, 0, address)],
            canonicalName: service, canonicalRevision: version,
            services: [Mesh.name(service): [ServicePort(port: 9080, targetPort: 9080)]], health: health,
            locality: Locality(locality) ?? Locality(), capacity: weight, labels: WorkloadLabels(labels))
    }

    static func service(
        _ name: String, namespace: String = "shop", ports: [UInt16] = [9080], balancing: LoadBalancing = LoadBalancing()
    ) -> Service {
        Service(
            name: name, namespace: namespace, hostname: host(name, namespace),
            ports: ports.map { ServicePort(port: $0, targetPort: $0, applicationProtocol: .http11) },
            loadBalancing: balancing)
    }

    static func sources(
        _ virtualServices: [String] = [], rules: [String] = [], namespace: String = "shop", services: [Service]? = nil,
        workloads: [Workload]? = nil
    ) throws -> RoutingSources {
        var builder = SnapshotBuilder()
        let names = ["reviews", "ratings", "details"]
        let services = services ?? names.map { service($0) }
        let workloads =
            workloads
            ?? names.flatMap { name in
                [workload("\(name)-v1", of: name), workload("\(name)-v2", of: name, version: "v2")]
            }
        let snapshot = builder.apply(updates: services.map(MeshUpdate.service) + workloads.map(MeshUpdate.workload))
        var sources = RoutingSources(snapshot: snapshot, namespace: namespace)
        for (index, text) in virtualServices.enumerated() {
            let document = try document(text)
            sources.virtualServices.append(
                Configured(
                    namespace: document["metadata"]?["namespace"]?.asString ?? "shop",
                    name: document["metadata"]?["name"]?.asString ?? "vs\(index)",
                    creationTimestamp: "2026-01-01T00:00:0\(index)Z", spec: try VirtualServiceSpec(document)))
        }
        for (index, text) in rules.enumerated() {
            let document = try document(text)
            sources.destinationRules.append(
                Configured(
                    namespace: document["metadata"]?["namespace"]?.asString ?? "shop", name: "dr\(index)",
                    creationTimestamp: "2026-01-01T00:00:0\(index)Z", spec: try DestinationRuleSpec(document)))
        }
        return sources
    }

    /// A document of a spec, or of metadata and spec.
    static func document(_ text: String) throws -> JSONValue {
        let value = try JSONValue(parsing: Array(text.utf8))
        return value["spec"] == nil ? .object(["spec": value]) : value
    }

    /// The routes of reviews by one list of `http` routes.
    static func reviews(_ http: String, rules: [String] = [], more: String = "") throws -> HTTPRouteList {
        try routes(of: "reviews", [#"{"hosts":["reviews"],"http":\#(http)\#(more)}"#], rules: rules)
    }

    static func routes(
        of service: String, _ virtualServices: [String], rules: [String] = [], namespace: String = "shop"
    ) throws -> HTTPRouteList {
        let table = RouteTable(
            waypoint: try sources(virtualServices, rules: rules, namespace: namespace), engine)
        return try #require(table.routes(of: name(service))?.http)
    }

    static let subsets =
        #"{"host":"reviews","subsets":[{"name":"v1","labels":{"version":"v1"}},{"name":"v2","labels":{"version":"v2"}}]}"#
}

extension HTTPRouteList {
    /// What the decision leads to, as a short text.
    func outcome(_ request: Request, _ facts: RequestFacts = Mesh.facts, seed: UInt64 = 1) -> String {
        var random = SplitMix64(seed: seed)
        switch decide(request, facts, &random) {
        case .forward(_, let key, _):
            let name = key.service.hostname.prefix { $0 != "." }
            return "\(name)\(key.subset.map { "/" + $0 } ?? ""):\(key.port)"
        case .redirect(_, let rule): return "\(rule.status)"
        case .directResponse(_, let answer): return "\(answer.status)"
        case .noRoute: return "NR"
        case .noCluster: return "NC"
        }
    }
}
