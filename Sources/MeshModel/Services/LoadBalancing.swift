/// How an endpoint of a service is chosen (Z 3.1).
package struct LoadBalancing: Hashable, Sendable {
    /// Something that source and endpoint may have in common.
    package enum Scope: String, Hashable, Sendable {
        /// The locality's region.
        case region = "Region"
        /// The locality's zone.
        case zone = "Zone"
        /// The locality's subzone.
        case subzone = "Subzone"
        /// The host.
        case node = "Node"
        /// The cluster or site.
        case cluster = "Cluster"
        /// The network.
        case network = "Network"
    }

    /// What the preferences mean.
    package enum Mode: String, Hashable, Sendable {
        /// Nothing: any endpoint.
        case standard = "Standard"
        /// Only endpoints that match every preference.
        case strict = "Strict"
        /// Only the endpoints that match the longest run of preferences.
        case failover = "Failover"
        /// No endpoint: connections go where they were addressed.
        case passthrough = "Passthrough"
    }

    /// What becomes of endpoints that are not ready.
    package enum HealthPolicy: String, Hashable, Sendable {
        /// Passed over.
        case onlyHealthy = "OnlyHealthy"
        /// Taken like the others.
        case allowAll = "AllowAll"
    }

    /// What endpoints should have in common with the source, most wanted first.
    package let routingPreferences: [Scope]
    /// What the preferences mean.
    package let mode: Mode
    /// What becomes of endpoints that are not ready.
    package let healthPolicy: HealthPolicy

    /// Any healthy endpoint, unless said otherwise.
    package init(
        routingPreferences: [Scope] = [], mode: Mode = .standard, healthPolicy: HealthPolicy = .onlyHealthy
    ) {
        self.routingPreferences = routingPreferences
        self.mode = mode
        self.healthPolicy = healthPolicy
    }
}
