import MeshModel
import MeshPolicy
import Testing

/// Short forms of resources and questions for the tables of this suite.
enum Given {
    /// A resource from the JSON text of its spec.
    static func resource(
        _ kind: ResourceKind, _ name: String, in namespace: String = "shop", created: Int = 1,
        labels: [String: String] = [:], annotations: [String: String] = [:], spec: String = "{}", status: String? = nil
    ) throws -> Resource {
        var resource = Resource(
            kind: kind,
            metadata: ResourceMetadata(
                name: name, namespace: kind.isNamespaced ? namespace : "",
                creationTimestamp: "2026-01-01T00:00:\(created < 10 ? "0" : "")\(created)Z", labels: labels,
                annotations: annotations), spec: try JSONValue(parsing: spec.utf8))
        if let status { resource.set("status", try JSONValue(parsing: status.utf8)) }
        return resource
    }

    static func service(
        _ name: String = "web", in namespace: String = "shop", created: Int = 1, labels: [String: String] = [:],
        annotations: [String: String] = [:],
        spec: String = #"{"selector":{"app":"web"},"ports":[{"port":80,"targetPort":8080}]}"#
    ) throws -> Resource {
        try resource(
            .service, name, in: namespace, created: created, labels: labels, annotations: annotations, spec: spec)
    }

    static func entry(
        _ name: String = "web-1", in namespace: String = "shop", labels: [String: String] = [:],
        annotations: [String: String] = [:],
        spec: String = #"{"address":"10.0.0.1","labels":{"app":"web"},"serviceAccount":"web"}"#, status: String? = nil
    ) throws -> Resource {
        try resource(
            .workloadEntry, name, in: namespace, labels: labels, annotations: annotations, spec: spec, status: status)
    }

    static func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    /// What the compiled policies say to a connection from `client` (a principal without scheme; nil: plaintext) to the first
    /// workload named `name`.
    static func decision(
        _ resources: [Resource], to name: String = "web-1", from client: String? = nil, source: String = "10.0.0.9",
        port: UInt16 = 8080
    ) throws -> AuthorizationDecision {
        let mesh = compile(resources)
        let workload = try #require(mesh.workloads.first { $0.name == name })
        var builder = SnapshotBuilder()
        let snapshot = builder.apply(
            updates: mesh.services.map { .service($0) } + mesh.workloads.map { .workload($0) }
                + mesh.policies.map { .policy($0) })
        let identity = client.flatMap { SPIFFEIdentity(uri: "spiffe://" + $0) }
        try #require((identity == nil) == (client == nil))
        return evaluate(
            snapshot: snapshot, destination: workload,
            connection: ConnectionFacts(
                source: try address(source), destination: try #require(workload.addresses.first), port: port,
                identity: identity))
    }

    static func allows(
        _ resources: [Resource], to name: String = "web-1", from client: String? = nil, source: String = "10.0.0.9",
        port: UInt16 = 8080
    ) throws -> Bool {
        try decision(resources, to: name, from: client, source: source, port: port) == .allow
    }
}
