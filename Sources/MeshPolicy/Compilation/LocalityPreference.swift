import MeshModel

/// Traffic distribution as load balancing by locality (I 1.0, Z 3.1).
enum LocalityPreference {
    /// The values that are known, for messages.
    static let names = "PreferClose, PreferSameZone, PreferSameNode, PreferSameNetwork or Any"

    private static let close: [LoadBalancing.Scope] = [.network, .region, .zone, .subzone]

    static func isKnown(_ trafficDistribution: String) -> Bool {
        ["PreferClose", "PreferSameZone", "PreferSameNode", "PreferSameNetwork", "PreferNetwork", "Any"]
            .contains(trafficDistribution)
    }

    /// The balancing that the fields of a service ask for; a local traffic policy goes before a distribution.
    static func loadBalancing(
        trafficDistribution: String?, internalTrafficPolicy: String?, allowsUnhealthy: Bool
    ) -> LoadBalancing {
        let health: LoadBalancing.HealthPolicy = allowsUnhealthy ? .allowAll : .onlyHealthy
        if internalTrafficPolicy == "Local" {
            return LoadBalancing(routingPreferences: [.node], mode: .strict, healthPolicy: health)
        }
        switch trafficDistribution {
        case "PreferClose", "PreferSameZone":
            return LoadBalancing(routingPreferences: close, mode: .failover, healthPolicy: health)
        case "PreferSameNode":
            return LoadBalancing(routingPreferences: close + [.node], mode: .failover, healthPolicy: health)
        case "PreferSameNetwork", "PreferNetwork":
            return LoadBalancing(routingPreferences: [.network], mode: .failover, healthPolicy: health)
        default:
            return LoadBalancing(healthPolicy: health)
        }
    }
}
