/// The rules of a DestinationRule (I 3.2).
enum DestinationRuleRules {
    static func check(_ reader: ObjectReader, metadata: ResourceMetadata) {
        let spec = DestinationRuleSpec(reader)
        let findings = reader.findings
        let path = reader.path
        if !spec.host.isEmpty, spec.host != "*", IPAddress(spec.host) == nil,
            let problem = NameRules.host(spec.host, allowsWildcard: true)
        {
            reader.problem("host", value: spec.host, problem, remedy: "use a host such as reviews or *.example.com")
        }
        let policies = TrafficPolicyRules(findings: findings)
        policies.check(spec.trafficPolicy, at: path.appending(key: "trafficPolicy"))
        var names: Set<String> = []
        for (index, subset) in spec.subsets.enumerated() {
            let place = path.appending(key: "subsets").appending(index: index)
            if let problem = NameRules.anyCaseLabel(subset.name), !subset.name.isEmpty {
                findings.add(place.appending(key: "name"), subset.name, problem, "use a name such as v1")
            } else if !subset.name.isEmpty, !names.insert(subset.name).inserted {
                findings.add(
                    place.appending(key: "name"), subset.name, "is the name of another subset too",
                    "give each subset its own name", .duplicate)
            }
            LabelRules.check(subset.labels, at: place.appending(key: "labels"), findings)
            policies.check(subset.trafficPolicy, at: place.appending(key: "trafficPolicy"))
        }
        ExportToRules.check(
            spec.exportTo, namespace: metadata.namespace, takesNobody: false, at: path.appending(key: "exportTo"),
            findings)
        checkSelector(spec, at: path, findings)
    }

    private static func checkSelector(_ spec: DestinationRuleSpec, at path: FieldPath, _ findings: Findings) {
        guard let selector = spec.workloadSelector else { return }
        LabelRules.checkSelector(
            selector, isWritten: true, emptySelects: "every client of the namespace",
            at: path.appending(key: "workloadSelector").appending(key: "matchLabels"), findings)
        if !spec.exportTo.isEmpty, spec.exportTo != ["."] {
            findings.add(
                path.appending(key: "exportTo"), spec.exportTo.joined(separator: ", "),
                "does not fit workloadSelector, which is for clients of this namespace", "use . or remove it")
        }
        findings.warn(
            path.appending(key: "workloadSelector"),
            "selects the gateways and waypoints that use the rule; there are no sidecars that it could select")
    }
}
