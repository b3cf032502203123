import MeshModel

/// How many retries may be under way by what else is (I 1.2): a share of the requests under way, and of those that began
/// within the budget's interval. Pure; the time is a parameter.
struct RetryBudgetAccount: Sendable {
    /// The interval is counted in so many slices.
    private static let slices = 10

    private var counts = [Int](repeating: 0, count: slices)
    private var slice: UInt64 = 0

    /// A request began.
    mutating func began(at now: Duration, _ budget: DestinationRuleSpec.RetryBudget) {
        guard budget.budgetInterval > .zero else { return }
        advance(to: now, budget)
        counts[Int(slice % UInt64(Self.slices))] += 1
    }

    /// The most retries that may be under way.
    mutating func limit(active: Int, at now: Duration, _ budget: DestinationRuleSpec.RetryBudget) -> Int {
        var requests = active
        if budget.budgetInterval > .zero {
            advance(to: now, budget)
            requests = max(requests, counts.reduce(0, +))
        }
        return max(Int(Double(requests) * budget.percent / 100), Int(budget.minRetryConcurrency))
    }

    private mutating func advance(to now: Duration, _ budget: DestinationRuleSpec.RetryBudget) {
        let length = max(budget.budgetInterval.nanoseconds / UInt64(Self.slices), 1)
        let current = now.nanoseconds / length
        guard current > slice else { return }
        let passed = current - slice
        for step in 1...min(passed, UInt64(Self.slices)) {
            counts[Int((slice &+ step) % UInt64(Self.slices))] = 0
        }
        slice = current
    }
}
