import MeshModel
import MeshPolicy

/// Settings that a waypoint of this version takes and does not act on, so that its log says so. Pure.
enum UnusedSettings {
    static func notes(_ rule: Configured<DestinationRuleSpec>) -> [String] {
        let policies =
            [rule.spec.trafficPolicy].compactMap { $0 } + rule.spec.subsets.compactMap(\.trafficPolicy)
        var settings: Set<String> = []
        for policy in policies {
            if policy.tunnel != nil { settings.insert("tunnel") }
        }
        return settings.sorted().map { "DestinationRule \(rule.reference): trafficPolicy.\($0) has no effect yet" }
    }
}
