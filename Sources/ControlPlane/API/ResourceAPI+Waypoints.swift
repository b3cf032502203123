import MeshModel

extension ResourceAPI {
    /// Says what a valid object lacks to be in force, so that nobody takes "created" for "traffic moved": the waypoint of a service
    /// that a rule for requests is about, the gateway of a Gateway, the Gateways of a VirtualService.
    func whatIsMissing(for resource: Resource) async throws(APIFailure) -> [String] {
        switch resource.kind {
        case .virtualService:
            let names = resource.spec?["gateways"]?.strings ?? []
            let missing = try await missingGateways(names, in: resource.metadata.namespace)
            guard names.isEmpty || names.contains(VirtualServiceSpec.mesh) else { return missing }
            return try await missing + missingWaypoints(resource.spec?["hosts"]?.strings ?? [], for: resource)
        case .destinationRule:
            return try await missingWaypoints([resource.spec?["host"]?.asString].compactMap { $0 }, for: resource)
        case .gateway: return try await missingProgram(for: resource)
        default: return []
        }
    }

    /// Says so where no gateway of the mesh has the labels that a Gateway selects.
    private func missingProgram(for resource: Resource) async throws(APIFailure) -> [String] {
        let selector = resource.spec?["selector"]?.stringMap ?? [:]
        let services: [Resource]
        do throws(StoreError) {
            services = try await store.list(kind: .service, namespace: nil).resources
        } catch {
            throw APIFailure(error)
        }
        let isServed = services.contains { service in
            let labels = service.spec?["selector"]?.stringMap ?? [:]
            return service.metadata.labels[GatewayMarks.service] != nil
                && selector.allSatisfy { labels[$0.key] == $0.value }
        }
        guard !isServed else { return [] }
        let labels = selector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return [
            "it has no effect yet: no gateway of the mesh has the labels \(labels); make one: ambitctl gateway apply NAME "
                + "--labels \(labels)"
        ]
    }

    private func missingGateways(_ names: [String], in namespace: String) async throws(APIFailure) -> [String] {
        var warnings: [String] = []
        for name in names where name != VirtualServiceSpec.mesh {
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            let place = parts.count == 2 ? (parts[0], parts[1]) : (namespace, name)
            guard try await stored(.gateway, place.0, place.1) == nil else { continue }
            warnings.append("it has no effect at the Gateway \(place.0)/\(place.1) yet, which does not exist")
        }
        return warnings
    }

    private func missingWaypoints(_ hosts: [String], for resource: Resource) async throws(APIFailure) -> [String] {
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
