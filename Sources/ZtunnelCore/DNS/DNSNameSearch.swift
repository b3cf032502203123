import MeshModel

/// Finds the service that a client means by a name (Z 1.2).
struct DNSNameSearch {
    /// What was found.
    struct Match {
        let service: Service
        /// How many of the question's labels name the service, where a search domain was stripped to find it.
        let strippedCount: Int?
    }

    /// One reading of the name.
    private struct Alias {
        let labels: [String]
        let strippedCount: Int?
    }

    let snapshot: MeshSnapshot
    let client: Workload
    let settings: DNSSettings

    /// The first reading of the name that a service has. Each is tried as it is, then with wildcards for its first
    /// labels: `www.a.com`, `*.a.com`, `*.com`.
    func find(_ labels: [String]) -> Match? {
        for alias in aliases(of: labels) {
            if let service = service(alias.labels.joined(separator: ".")) {
                return Match(service: service, strippedCount: alias.strippedCount)
            }
            for position in alias.labels.indices.dropFirst() {
                // Below a wildcard every name is its own: there is no other name to point to.
                if let service = service("*." + alias.labels[position...].joined(separator: ".")) {
                    return Match(service: service, strippedCount: nil)
                }
            }
        }
        return nil
    }

    private func aliases(of labels: [String]) -> [Alias] {
        let domain = settings.clusterDomain.split(separator: ".").map(String.init)
        var aliases = expansions(of: labels, domain: domain).map { Alias(labels: $0, strippedCount: nil) }
        for search in searchDomains(domain) where labels.count > search.count {
            let count = labels.count - search.count
            guard labels[count...].elementsEqual(search) else { continue }
            aliases += expansions(of: Array(labels[..<count]), domain: domain).map {
                Alias(labels: $0, strippedCount: count)
            }
        }
        return aliases
    }

    private func searchDomains(_ domain: [String]) -> [[String]] {
        guard let searchDomains = settings.searchDomains else {
            return [[client.namespace, "svc"] + domain, ["svc"] + domain, domain]
        }
        return searchDomains.map { $0.split(separator: ".").map { $0.lowercased() } }.filter { !$0.isEmpty }
    }

    /// The name, and the names of services that Kubernetes lets it stand for.
    private func expansions(of labels: [String], domain: [String]) -> [[String]] {
        switch labels.count {
        case 1:
            return [labels, labels + [client.namespace, "svc"] + domain]
        case 2:
            return [labels, labels + ["svc"] + domain, labels + [client.namespace, "svc"] + domain]
        case 3:
            return (labels.last == "svc" ? [labels, labels + domain] : [labels]) + [labels + ["svc"] + domain]
        case 4 where labels.last == "svc":
            return [labels, labels + domain]
        default:
            return [labels]
        }
    }

    /// The service of that host name that the client means: visible to it, in its namespace, else canonical, else in the
    /// preferred namespace, else the first. One without address counts only if its name is of the cluster's domain.
    private func service(_ hostname: String) -> Service? {
        var canonical: Service?
        var preferred: Service?
        var first: Service?
        for service in snapshot.services(hostname: hostname) {
            guard service.isVisible(from: client.namespace),
                !service.addresses.isEmpty || hostname.hasSuffix(".svc.\(settings.clusterDomain)")
            else { continue }
            if service.namespace == client.namespace { return service }
            if service.isCanonical { canonical = canonical ?? service }
            if service.namespace == settings.preferredNamespace { preferred = preferred ?? service }
            first = first ?? service
        }
        return canonical ?? preferred ?? first
    }
}
