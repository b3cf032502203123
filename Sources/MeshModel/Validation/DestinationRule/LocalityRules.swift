/// The rules of preferences by locality (I 2.16).
struct LocalityRules {
    private static let topology: Set<String> = [
        "topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone",
    ]

    let distribute: [DestinationRuleSpec.LocalityLoadBalancer.Distribution]
    let failover: [DestinationRuleSpec.LocalityLoadBalancer.Failover]
    let failoverPriority: [String]
    /// Whether endpoints that fail are left out.
    let hasOutlierDetection: Bool
    let path: FieldPath
    let findings: Findings

    func check() {
        if !distribute.isEmpty, !failover.isEmpty || !failoverPriority.isEmpty {
            findings.add(
                path.appending(key: "distribute"), "is written next to failover", "keep one of the two", .forbidden)
        }
        checkDistribution()
        checkFailover()
        if !failover.isEmpty || !failoverPriority.isEmpty, !hasOutlierDetection {
            findings.warn(
                path.appending(key: failover.isEmpty ? "failoverPriority" : "failover"),
                "without outlierDetection nothing is known to have failed, so that nothing fails over; add that")
        }
    }

    private func checkDistribution() {
        checkLocalities(
            distribute.enumerated().map { index, entry in
                (entry.from, path.appending(key: "distribute").appending(index: index).appending(key: "from"))
            })
        for (index, entry) in distribute.enumerated() {
            let place = path.appending(key: "distribute").appending(index: index).appending(key: "to")
            let to = entry.to.sorted { $0.key < $1.key }
            checkLocalities(to.map { ($0.key, place.appending(key: $0.key)) })
            for (name, weight) in to where !(1...100).contains(weight) {
                findings.add(place.appending(key: name), "\(weight)", "is no share in percent", "use one from 1 to 100")
            }
            let sum = to.reduce(0) { $0 + $1.value }
            if sum != 100 {
                findings.add(place, "\(sum)", "is what the shares add up to", "make them 100 together")
            }
        }
    }

    /// The forms of localities, and that none is part of another.
    private func checkLocalities(_ localities: [(name: String, place: FieldPath)]) {
        var earlier: [[Substring]] = []
        for (name, place) in localities where !name.isEmpty {
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count > 3 || parts.contains(where: \.isEmpty) {
                findings.add(place, name, "is no locality", "use region, region/zone or region/zone/subzone")
                continue
            }
            let plain = parts.last == "*" ? parts.dropLast() : parts[...]
            if plain.contains(where: { $0.contains("*") }) {
                findings.add(place, name, "has a wildcard that is not its end", "use region/* or *")
                continue
            }
            let known = Array(plain)
            if earlier.contains(where: { $0.starts(with: known) || known.starts(with: $0) }) {
                findings.add(place, name, "overlaps another locality here", "keep one of the two", .duplicate)
            }
            earlier.append(known)
        }
    }

    private func checkFailover() {
        for (index, entry) in failover.enumerated() {
            let place = path.appending(key: "failover").appending(index: index)
            for (key, name) in [("from", entry.from), ("to", entry.to)] where name.contains("/") || name.contains("*") {
                findings.add(
                    place.appending(key: key), name, "is no region: regions have no parts and no wildcards",
                    "write the region only")
            }
            if !entry.from.isEmpty, entry.from == entry.to {
                findings.add(place.appending(key: "to"), entry.to, "is the region that fails", "name another region")
            }
        }
        for (index, label) in failoverPriority.enumerated() {
            let place = path.appending(key: "failoverPriority").appending(index: index)
            let key = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
            if let problem = NameRules.key(key ?? "") {
                findings.add(place, label, "as a label's key \(problem)", "use LABEL or LABEL=VALUE")
            } else if !failover.isEmpty, let key, Self.topology.contains(key) {
                findings.add(place, label, "is about localities, which failover is about too", "keep one of the two")
            }
        }
    }
}
