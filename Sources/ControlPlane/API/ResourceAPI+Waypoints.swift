import MeshModel

extension ResourceAPI {
    /// Says of which services a rule for requests is not in force, because no waypoint takes their requests: whoever forgets the label
    /// must not take "created" for "traffic moved".
    func missingWaypoints(for resource: Resource) async throws(APIFailure) -> [String] {
        let hosts: [String]
        switch resource.kind {
        // One for gateways only has a message of its own.
        case .virtualService where resource.standing == nil: hosts = resource.spec?["hosts"]?.strings ?? []
        case .destinationRule: hosts = [resource.spec?["host"]?.asString].compactMap { $0 }
        default: return []
        }
        var warnings: [String] = []
        for host in hosts {
            guard let (name, namespace) = Self.service(host, in: resource.metadata.namespace),
                let service = try await stored(.service, namespace, name), try await !hasWaypoint(service)
            else { continue }
            warnings.append(
                "it has no effect on requests to \(namespace)/\(name) yet, which no waypoint takes: label the service or its "
                    + "namespace istio.io/use-waypoint=NAME")
        }
        return warnings
    }

    private func hasWaypoint(_ service: Resource) async throws(APIFailure) -> Bool {
        var waypoint = service.metadata.labels[Self.useWaypoint]
        if waypoint == nil {
            waypoint = try await stored(.namespace, "", service.metadata.namespace)?.metadata.labels[Self.useWaypoint]
        }
        return waypoint.map { !$0.isEmpty && $0 != "none" } ?? false
    }

    private static let useWaypoint = "istio.io/use-waypoint"

    /// The service that a host in a resource of `namespace` means; nil for a wildcard or a name of another kind.
    private static func service(_ host: String, in namespace: String) -> (name: String, namespace: String)? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1, host != "*" { return (host, namespace) }
        guard parts.count > 3, parts[2] == "svc", parts[0] != "*" else { return nil }
        return (parts[0], parts[1])
    }

    private func stored(
        _ kind: ResourceKind, _ namespace: String, _ name: String
    ) async throws(APIFailure) -> Resource? {
        do throws(StoreError) {
            return try await store.get(kind, namespace: namespace, name: name)
        } catch {
            throw APIFailure(error)
        }
    }
}
