import MeshModel

/// How names are searched and answered (Z 1.2).
package struct DNSSettings: Sendable, Equatable {
    /// CLUSTER_DOMAIN: the suffix of Kubernetes-like host names, without dots at its ends.
    package var clusterDomain: String
    /// The client's search domains; nil stands for `<namespace>.svc.<domain>`, `svc.<domain>` and `<domain>`.
    package var searchDomains: [String]?
    /// IPV6_ENABLED: without it questions for AAAA have empty answers.
    package var isIPv6Enabled: Bool
    /// PREFERED_SERVICE_NAMESPACE (the spelling is Istio's): breaks ties among services of one host name.
    package var preferredNamespace: String?

    /// Settings; what is not given has the program's default.
    package init(
        clusterDomain: String = Defaults.clusterDomain, searchDomains: [String]? = nil, isIPv6Enabled: Bool = true,
        preferredNamespace: String? = nil
    ) {
        self.clusterDomain = clusterDomain
        self.searchDomains = searchDomains
        self.isIPv6Enabled = isIPv6Enabled
        self.preferredNamespace = preferredNamespace
    }
}
