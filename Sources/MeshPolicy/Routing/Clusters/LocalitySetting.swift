import MeshModel

/// Which localities are preferred, from whichever of the two blocks is written: Istio's waypoints take `zoneAwareLbSetting` for
/// `localityLbSetting`, and so do we.
struct LocalitySetting: Sendable, Hashable {
    let isEnabled: Bool
    let distribute: [DestinationRuleSpec.LocalityLoadBalancer.Distribution]
    let failover: [DestinationRuleSpec.LocalityLoadBalancer.Failover]
    let failoverPriority: [String]

    /// The setting of a load balancer; nil where neither block is written.
    init?(_ balancer: DestinationRuleSpec.LoadBalancer?) {
        if let setting = balancer?.localityLbSetting {
            isEnabled = setting.enabled ?? true
            distribute = setting.distribute
            failover = setting.failover
            failoverPriority = setting.failoverPriority
        } else if let setting = balancer?.zoneAwareLbSetting {
            isEnabled = setting.enabled ?? true
            distribute = []
            failover = setting.failover
            failoverPriority = setting.failoverPriority
        } else {
            return nil
        }
    }
}
