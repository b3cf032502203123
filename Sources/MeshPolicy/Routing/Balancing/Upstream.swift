import MeshModel

/// One cluster as one worker uses it: what is under way at each endpoint, who is left out, whose turn it is. A value without
/// clock and randomness: `now` is the time since any fixed moment. It outlives changes of its cluster. It is not copied: looking at one
/// number would copy all of it where the caller is in another module.
package struct Upstream: ~Copyable {
    /// One endpoint and what is under way there.
    package struct Member: Sendable {
        package let endpoint: ClusterEndpoint
        /// Requests under way.
        package fileprivate(set) var active = 0
        /// Since when it is known.
        package let since: Duration
        package fileprivate(set) var outlier = OutlierState()
    }

    package private(set) var cluster: Cluster
    package private(set) var members: [Member] = []
    /// What the cluster's limits bound.
    package var breaker = CircuitBreaker()
    private var places: [ClusterEndpoint.ID: Int] = [:]
    /// Grows when places change.
    private var generation: UInt64 = 0
    private var levels: [PriorityLevel] = []
    private var isStale = true
    private var budget = RetryBudgetAccount()
    private var nextLook: Duration

    /// The upstream of a cluster that was not used before. Endpoints which are there from the start do not warm up.
    package init(_ cluster: Cluster, now: Duration) {
        self.cluster = cluster
        nextLook = now + (cluster.policy.outlierDetection?.interval ?? .zero)
        replaceMembers(known: [:], since: now - .seconds(1 << 32))
    }

    /// Takes the cluster as it is now: endpoints that stay keep their state.
    package mutating func replace(_ cluster: Cluster, now: Duration) {
        var known: [ClusterEndpoint.ID: Member] = [:]
        for member in members { known[member.endpoint.id] = member }
        self.cluster = cluster
        replaceMembers(known: known, since: now)
        if cluster.policy.outlierDetection == nil {
            for index in members.indices { members[index].outlier = OutlierState() }
        }
    }

    private mutating func replaceMembers(known: [ClusterEndpoint.ID: Member], since: Duration) {
        places = [:]
        generation &+= 1
        members = []
        for endpoint in cluster.endpoints where places[endpoint.id] == nil {
            let old = known[endpoint.id]
            var member = Member(endpoint: endpoint, since: old?.since ?? since)
            member.active = old?.active ?? 0
            member.outlier = old?.outlier ?? OutlierState()
            places[endpoint.id] = members.count
            members.append(member)
        }
        isStale = true
    }

    /// Where an endpoint is among the members; nil where it is gone.
    package func place(of id: ClusterEndpoint.ID) -> Int? { places[id] }

    // MARK: what happens at endpoints

    /// A request that is under way at an endpoint, until `ended`.
    package struct Use {
        fileprivate let place: Int
        fileprivate let generation: UInt64
    }

    /// A request is sent to the endpoint at `place`.
    package mutating func began(_ place: Int, now: Duration) -> Use {
        members[place].active += 1
        if let budget = cluster.policy.retryBudget { self.budget.began(at: now, budget) }
        return Use(place: place, generation: generation)
    }

    /// A request is sent to an address that is no member's.
    package func beganElsewhere() -> Use { Use(place: 0, generation: .max) }

    /// A request that was sent to the endpoint `id` is over, whatever became of it. The endpoint is looked up only where places have
    /// changed meanwhile.
    package mutating func ended(_ use: Use, at id: @autoclosure () -> ClusterEndpoint.ID) {
        guard let place = use.generation == generation ? use.place : places[id()], members[place].active > 0 else {
            return
        }
        members[place].active -= 1
    }

    /// Counts how a try ended; the endpoint may be left out by it. True where it was.
    package mutating func count(_ outcome: TryOutcome, at id: ClusterEndpoint.ID, now: Duration) -> Bool {
        guard let policy = cluster.policy.outlierDetection, let place = places[id],
            members[place].outlier.count(outcome, policy), !members[place].outlier.isEjected
        else { return false }
        let ejected = members.count { $0.outlier.isEjected }
        guard (ejected + 1) * 100 <= policy.maxEjectionPercent * members.count else { return false }
        members[place].outlier.eject(at: now)
        isStale = true
        return true
    }

    /// When `look` is due; nil where nothing is to be looked at.
    package var nextLookTime: Duration? { cluster.policy.outlierDetection == nil ? nil : nextLook }

    /// The regular look of outlier detection: endpoints whose time is over come back.
    package mutating func look(now: Duration) {
        guard let policy = cluster.policy.outlierDetection else { return }
        for index in members.indices where members[index].outlier.look(at: now, policy) { isStale = true }
        nextLook = now + policy.interval
    }

    /// Whether a retry may begin: it then counts until `breaker.release(.retry)`. Otherwise flag URX, with what came last.
    package mutating func admitRetry(now: Duration) -> Bool {
        guard let budget = cluster.policy.retryBudget else { return breaker.admit(.retry, cluster.policy.limits) }
        let active = breaker.count(.request) + breaker.count(.pendingRequest)
        return breaker.admit(.retry, limit: self.budget.limit(active: active, at: now, budget))
    }

    // MARK: choice

    /// The endpoint for a request. Those that were tried are drawn only where a few draws give no other.
    package mutating func choose(
        _ request: EndpointRequest, now: Duration, _ random: inout some RandomNumberGenerator
    ) -> EndpointChoice {
        if let address = request.destination { return .originalDestination(address) }
        if isStale { rebuild(&random) }
        guard var place = draw(request, now: now, &random) else { return .none }
        // What a hash leads to is meant to be the same each time.
        guard request.hash == nil, !request.tried.isEmpty else { return .endpoint(place) }
        for _ in 0..<RetryPolicy.hostSelectionAttempts where request.tried.contains(members[place].endpoint.id) {
            place = draw(request, now: now, &random) ?? place
        }
        return .endpoint(place)
    }

    private mutating func draw(
        _ request: EndpointRequest, now: Duration, _ random: inout some RandomNumberGenerator
    ) -> Int? {
        guard let level = level(request, &random), let group = levels[level].shares.draw(&random) else { return nil }
        switch cluster.policy.balancing {
        case .leastRequest:
            return leastRequest(levels[level].groups[group].draw, now: now, &random)
        case .random, .passthrough:
            return levels[level].groups[group].draw.draw(&random)
        case .roundRobin:
            let (members, warmup) = (members, cluster.policy.warmup)
            return levels[level].groups[group].turns?.next { Self.weight(members[$0], warmup, now: now) }
        case .ringHash:
            let hash = request.hash ?? UInt64.random(in: .min ... .max, using: &random)
            return levels[level].groups[group].ring?.member(for: hash)
        case .maglev:
            let hash = request.hash ?? UInt64.random(in: .min ... .max, using: &random)
            return levels[level].groups[group].table?.member(for: hash)
        }
    }

    /// The level of a request: drawn by load, among those that were not tried if any of them has endpoints. A hash always leads
    /// to the same level.
    private func level(_ request: EndpointRequest, _ random: inout some RandomNumberGenerator) -> Int? {
        if levels.count == 1 { return 0 }
        if request.triedPriorities != 0 {
            for index in levels.indices
            where index < 64 && request.triedPriorities & (1 << UInt64(index)) == 0 && !levels[index].isEmpty {
                return index
            }
        }
        var point = request.hash.map { Int($0 % 100) } ?? Int.random(in: 0..<100, using: &random)
        for index in levels.indices {
            if point < levels[index].load { return index }
            point -= levels[index].load
        }
        return levels.indices.first
    }

    /// The better of two drawn: the one with fewer requests under way for its weight.
    private func leastRequest(
        _ draw: WeightedDraw, now: Duration, _ random: inout some RandomNumberGenerator
    ) -> Int? {
        guard let first = warm(draw, now: now, &random), draw.members.count > 1 else { return draw.members.first }
        guard let second = warm(draw, now: now, &random) else { return first }
        let loads = (
            Double(members[first].active + 1) * Double(members[second].endpoint.weight),
            Double(members[second].active + 1) * Double(members[first].endpoint.weight)
        )
        return loads.1 < loads.0 ? second : first
    }

    /// A member, drawn again where it is warming up and this draw is not among its part; at most a few times.
    private func warm(
        _ draw: WeightedDraw, now: Duration, _ random: inout some RandomNumberGenerator
    ) -> Int? {
        guard let warmup = cluster.policy.warmup else { return draw.draw(&random) }
        for _ in 0..<Self.warmupDraws {
            guard let member = draw.draw(&random) else { return nil }
            let factor = warmup.factor(age: now - members[member].since)
            if factor >= 1 || Double.random(in: 0..<1, using: &random) < factor { return member }
        }
        return draw.draw(&random)
    }

    /// How often a member that is warming up is drawn again: with all of them at a tenth of their weight, the last draw is
    /// needed once in a hundred choices, and then any member is as good.
    private static let warmupDraws = 44

    private static func weight(_ member: Member, _ warmup: DestinationRuleSpec.Warmup?, now: Duration) -> Double {
        Double(member.endpoint.weight) * (warmup?.factor(age: now - member.since) ?? 1)
    }

    // MARK: who may be chosen

    private mutating func rebuild(_ random: inout some RandomNumberGenerator) {
        isStale = false
        levels = []
        for (priority, shares) in cluster.shares.enumerated() {
            let all = members.indices.filter { members[$0].endpoint.priority == priority }
            let healthy = all.filter { !members[$0].outlier.isEjected }
            let isPanic =
                !all.isEmpty
                && healthy.count * 100 < (cluster.policy.outlierDetection?.minHealthPercent ?? 0) * all.count
            levels.append(level(isPanic ? all : healthy, of: all, shares, &random))
        }
        PriorityLevel.assignLoads(&levels)
    }

    private func level(
        _ chosen: [Int], of all: [Int], _ shares: [UInt32?], _ random: inout some RandomNumberGenerator
    ) -> PriorityLevel {
        var groups: [PriorityLevel.Group] = []
        var weights: [Int: UInt32] = [:]
        for (number, share) in shares.enumerated() {
            let within = chosen.filter { members[$0].endpoint.group == number }
            let total = all.count { members[$0].endpoint.group == number }
            groups.append(group(within, &random))
            guard !within.isEmpty, total > 0 else { continue }
            // A locality that lost endpoints bears less than its share once overprovisioning is used up.
            let bearable = min(100, within.count * PriorityLevel.overprovisioning / total)
            weights[number] = max((share ?? 1) * UInt32(bearable), 1)
        }
        let health = all.isEmpty ? 0 : min(100, chosen.count * PriorityLevel.overprovisioning / all.count)
        return PriorityLevel(
            groups: groups, shares: WeightedDraw(weights.keys.sorted()) { weights[$0] ?? 1 }, health: health)
    }

    private func group(_ chosen: [Int], _ random: inout some RandomNumberGenerator) -> PriorityLevel.Group {
        var group = PriorityLevel.Group(draw: WeightedDraw(chosen) { members[$0].endpoint.weight })
        guard !chosen.isEmpty else { return group }
        let named = chosen.map {
            (name: members[$0].endpoint.id.description, weight: members[$0].endpoint.weight, member: $0)
        }
        switch cluster.policy.balancing {
        case .roundRobin:
            let start = Int.random(in: 0..<chosen.count, using: &random)
            group.turns = EarliestDeadline(chosen, start: start) { Double(members[$0].endpoint.weight) }
        case .ringHash(_, let size): group.ring = HashRing(named, minimumSize: size)
        case .maglev(_, let size): group.table = MaglevTable(named, size: size)
        case .leastRequest, .random, .passthrough: break
        }
        return group
    }
}
