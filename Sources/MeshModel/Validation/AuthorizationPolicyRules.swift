/// The rules of an AuthorizationPolicy (I 2.17, 3.2 and the CEL rules of its CRD).
///
/// A policy of this version is enforced by ztunnel on connections. What needs requests is refused where leaving it out
/// would change the meaning of the whole policy, and else said in a warning with what ztunnel makes of it.
enum AuthorizationPolicyRules {
    /// As many rules as Istio's schema allows.
    static let mostRules = 512
    /// As many service accounts in one source as Istio's schema allows.
    static let mostServiceAccounts = 16

    static func check(_ reader: ObjectReader, metadata: ResourceMetadata) {
        let spec = AuthorizationPolicySpec(reader)
        let path = reader.path
        LabelRules.checkSelector(
            spec.selector, isWritten: spec.hasSelector, emptySelects: "every workload of the namespace",
            at: path.appending(key: "selector").appending(key: "matchLabels"), reader.findings)
        checkAction(spec, reader)
        checkTargets(spec, reader)
        if spec.rules.count > mostRules {
            reader.problem(
                "rules", value: "\(spec.rules.count)", "rules are too many",
                remedy: "write at most \(mostRules) in a policy")
        }
        for (index, rule) in spec.rules.enumerated() {
            RuleCheck(
                rule: rule, isDeny: spec.action == "DENY", path: path.appending(key: "rules").appending(index: index),
                findings: reader.findings
            ).run()
        }
        if metadata.annotations["istio.io/dry-run"] == "true" {
            reader.findings.warn(
                FieldPath("metadata", "annotations").appending(key: "istio.io/dry-run"),
                "the policy is not enforced; what it would refuse is logged by ztunnel")
        }
    }

    private static func checkAction(_ spec: AuthorizationPolicySpec, _ reader: ObjectReader) {
        switch spec.action {
        case "CUSTOM"?:
            reader.problem(
                "action", value: "CUSTOM", "is not served here",
                remedy: "external authorization needs a waypoint, which this version does not run; use ALLOW or DENY",
                reason: .notSupported)
            return
        case "AUDIT"?:
            reader.problem(
                "action", value: "AUDIT", "is not served here",
                remedy: "every connection is in ztunnel's access log already; use ALLOW or DENY", reason: .notSupported)
            return
        case "DENY"? where spec.rules.isEmpty:
            reader.problem(
                "rules", "is required with action DENY",
                remedy: "write a rule, or use `rules: [{}]` to deny everything",
                reason: .required)
        case nil where spec.rules.isEmpty, "ALLOW"? where spec.rules.isEmpty:
            reader.warn("rules", "there are none, so the policy allows nothing: every connection is refused")
        default: break
        }
        if spec.hasProvider {
            reader.problem(
                "provider", "is for action CUSTOM only", remedy: "remove it", reason: .forbidden)
        }
    }

    private static func checkTargets(_ spec: AuthorizationPolicySpec, _ reader: ObjectReader) {
        let key = reader.has("targetRef") ? "targetRef" : "targetRefs"
        guard reader.has(key) else { return }
        if spec.hasSelector {
            reader.problem(
                key, "is written next to a selector", remedy: "keep one of the two", reason: .forbidden)
        }
        let names = spec.targetRefs.map { "\($0.kind)/\($0.name)" }.joined(separator: ", ")
        reader.problem(
            key, value: names.isEmpty ? nil : names, "is not served here",
            remedy: "policies on waypoints and gateways come with them; use selector.matchLabels to protect workloads",
            reason: .notSupported)
    }
}
