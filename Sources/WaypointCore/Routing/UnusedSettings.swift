import MeshModel
import MeshPolicy

/// Settings that a waypoint of this version takes and does not act on, so that its log says so. Pure.
enum UnusedSettings {
    static func notes(_ owner: Configured<VirtualServiceSpec>) -> [String] {
        let isForMesh = owner.spec.gateways.isEmpty || owner.spec.gateways.contains(VirtualServiceSpec.mesh)
        guard isForMesh, !owner.spec.tls.isEmpty else { return [] }
        return ["VirtualService \(owner.reference): tls routes have no effect yet"]
    }

    static func notes(_ rule: Configured<DestinationRuleSpec>) -> [String] {
        let policies =
            [rule.spec.trafficPolicy].compactMap { $0 } + rule.spec.subsets.compactMap(\.trafficPolicy)
        var settings: Set<String> = []
        for policy in policies {
            if policy.tunnel != nil { settings.insert("tunnel") }
            if policy.proxyProtocol != nil { settings.insert("proxyProtocol") }
            for tls in [policy.tls] + policy.portLevelSettings.map(\.tls) {
                if tls?.mode == .simple || tls?.mode == .mutual { settings.insert("tls") }
            }
            for pool in [policy.connectionPool] + policy.portLevelSettings.map(\.connectionPool) {
                if pool?.tcp?.maxConnectionDuration != nil {
                    settings.insert("connectionPool.tcp.maxConnectionDuration")
                }
                if pool?.tcp?.tcpKeepalive != nil { settings.insert("connectionPool.tcp.tcpKeepalive") }
            }
        }
        return settings.sorted().map { "DestinationRule \(rule.reference): trafficPolicy.\($0) has no effect yet" }
    }
}
