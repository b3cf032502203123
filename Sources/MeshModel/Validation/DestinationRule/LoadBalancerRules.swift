/// The rules of load balancers (I 2.16, 3.2).
struct LoadBalancerRules {
    /// The largest Maglev table, which is a prime.
    static let largestTable: UInt64 = 5_000_011

    let balancer: DestinationRuleSpec.LoadBalancer
    /// Whether endpoints that fail are left out: without, nothing fails over.
    let hasOutlierDetection: Bool
    let path: FieldPath
    let findings: Findings

    func check() {
        if balancer.hasTwoAlgorithms {
            findings.add(
                path.appending(key: "consistentHash"), "is written next to simple", "keep one of the two", .forbidden)
        }
        if case .consistentHash(let hash)? = balancer.algorithm {
            check(hash, at: path.appending(key: "consistentHash"))
        }
        if balancer.localityLbSetting != nil, balancer.zoneAwareLbSetting != nil {
            findings.add(
                path.appending(key: "zoneAwareLbSetting"), "is written next to localityLbSetting",
                "keep one of the two",
                .forbidden)
        } else if balancer.zoneAwareLbSetting != nil {
            findings.warn(
                path.appending(key: "zoneAwareLbSetting"),
                "is taken as localityLbSetting, as Istio's waypoints do: zones are preferred, but get no shares")
        }
        if let setting = balancer.localityLbSetting {
            LocalityRules(
                distribute: setting.distribute, failover: setting.failover, failoverPriority: setting.failoverPriority,
                hasOutlierDetection: hasOutlierDetection, path: path.appending(key: "localityLbSetting"),
                findings: findings
            ).check()
        }
        if let setting = balancer.zoneAwareLbSetting {
            LocalityRules(
                distribute: [], failover: setting.failover, failoverPriority: setting.failoverPriority,
                hasOutlierDetection: hasOutlierDetection, path: path.appending(key: "zoneAwareLbSetting"),
                findings: findings
            ).check()
        }
        guard let warmup = balancer.warmup else { return }
        let place = path.appending(key: "warmup")
        if warmup.aggression <= 0 {
            findings.add(
                place.appending(key: "aggression"), "\(warmup.aggression)", "is not greater than 0", "use 1 or more")
        }
        switch balancer.algorithm {
        case nil, .simple(.leastRequest)?, .simple(.roundRobin)?, .simple(.unspecified)?: break
        default: findings.warn(place, "has an effect with ROUND_ROBIN and LEAST_REQUEST only")
        }
    }

    private func check(_ hash: DestinationRuleSpec.ConsistentHash, at place: FieldPath) {
        if hash.keys.count > 1 {
            findings.add(
                place, hash.keys.joined(separator: ", "), "are several things to tell requests by", "keep one of them",
                .forbidden)
        } else if hash.key == nil {
            findings.warn(place, "says nothing to tell requests by, so that any endpoint gets them")
        }
        if hash.algorithms.count > 1 {
            findings.add(
                place, hash.algorithms.joined(separator: ", "), "exclude each other", "keep one of them", .forbidden)
        }
        if case .maglev(let size) = hash.algorithm, size > Self.largestTable || !Self.isPrime(size) {
            findings.add(
                place.appending(key: "maglev").appending(key: "tableSize"), "\(size)",
                "is no prime up to \(Self.largestTable)", "use 65537, or another prime")
        }
        guard case .cookie(let cookie)? = hash.key else { return }
        let one = place.appending(key: "httpCookie")
        if !cookie.name.isEmpty, let problem = HeaderRules.problem(ofName: cookie.name) {
            findings.add(one.appending(key: "name"), cookie.name, problem, "use a name such as session")
        }
        var names: Set<String> = []
        for (index, attribute) in cookie.attributes.enumerated() where !attribute.name.isEmpty {
            if !names.insert(attribute.name.lowercased()).inserted {
                findings.add(
                    one.appending(key: "attributes").appending(index: index), attribute.name, "is there twice",
                    "remove one", .duplicate)
            }
        }
    }

    private static func isPrime(_ number: UInt64) -> Bool {
        guard number > 3 else { return number > 1 }
        guard !number.isMultiple(of: 2), !number.isMultiple(of: 3) else { return false }
        var divisor: UInt64 = 5
        while divisor * divisor <= number {
            if number.isMultiple(of: divisor) || number.isMultiple(of: divisor + 2) { return false }
            divisor += 6
        }
        return true
    }
}
