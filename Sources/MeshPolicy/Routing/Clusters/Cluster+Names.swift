package import MeshModel

extension Cluster {
    /// The names that its endpoints are known by, each once.
    package var names: [String] {
        var seen: Set<String> = []
        return endpoints.compactMap(\.name).filter { seen.insert($0).inserted }
    }

    /// The same with an endpoint for each address that `addresses` gives for a name, the ones to prefer first (Envoy's STRICT_DNS). A name
    /// that has none yet stays one endpoint, which is resolved when it is connected to.
    package func resolved(_ addresses: (String) -> [IPAddress]) -> Cluster {
        let resolved = endpoints.flatMap { endpoint in
            let found = endpoint.name.map { Self.places(addresses($0)) } ?? []
            return found.isEmpty ? [endpoint] : found.map(endpoint.at)
        }
        return Cluster(
            key: key, service: service, policy: policy, endpoints: resolved, shares: shares, origins: origins)
    }

    /// One list for each endpoint, of the address that it is and one of the other family to try after it: a name has its servers in
    /// both, and a machine may reach only one. Sorted, so that an answer whose records have changed places is the same.
    static func places(_ addresses: [IPAddress]) -> [[IPAddress]] {
        guard let isIPv4 = addresses.first?.isIPv4 else { return [] }
        let preferred = addresses.filter { $0.isIPv4 == isIPv4 }.sorted()
        let others = addresses.filter { $0.isIPv4 != isIPv4 }.sorted()
        return preferred.enumerated().map { others.isEmpty ? [$1] : [$1, others[$0 % others.count]] }
            + others.dropFirst(preferred.count).map { [$0] }
    }
}
