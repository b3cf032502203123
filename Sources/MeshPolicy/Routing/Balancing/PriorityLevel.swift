/// The endpoints of one priority that may be chosen now, in groups with shares.
struct PriorityLevel: Sendable {
    /// One locality's, or all where no shares are written.
    struct Group: Sendable {
        var draw: WeightedDraw
        var turns: EarliestDeadline?
        var ring: HashRing?
        var table: MaglevTable?
    }

    var groups: [Group]
    /// Shares of the groups, as far as their endpoints can bear them; for a draw among groups.
    var shares: WeightedDraw
    /// Percent of requests that come here; all levels have a hundred together.
    var load = 0
    /// Percent of its endpoints that are in, times the overprovisioning, of a hundred at most.
    let health: Int

    var isEmpty: Bool { shares.isEmpty }

    /// How much more an endpoint is thought to bear when others of its priority are out: Envoy's 1.4.
    static let overprovisioning = 140

    /// Shares a hundred percent among levels: each takes what its health bears, the rest spills to the next.
    static func assignLoads(_ levels: inout [PriorityLevel]) {
        let total = min(100, levels.reduce(0) { $0 + $1.health })
        guard total > 0 else {
            // Nobody is in: the first level answers for all, with none or with all of its endpoints.
            if !levels.isEmpty { levels[0].load = 100 }
            return
        }
        var left = 100
        for index in levels.indices {
            levels[index].load = min(left, levels[index].health * 100 / total)
            left -= levels[index].load
        }
        // What rounding left over goes where the most is.
        if left > 0, let first = levels.firstIndex(where: { $0.load > 0 }) { levels[first].load += left }
    }
}
