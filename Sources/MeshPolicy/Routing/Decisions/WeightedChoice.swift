/// A choice among values by weight, anew each time (I 2.3).
struct WeightedChoice<Value: Sendable>: Sendable {
    private let values: [Value]
    /// The sum of weights up to and with each value.
    private let sums: [UInt64]

    /// The choice among values with these weights. One alone is always taken; of several those without weight never are.
    init(_ weighted: [(value: Value, weight: Int)]) {
        let shared = weighted.count == 1 ? weighted : weighted.filter { $0.weight > 0 }
        values = shared.map(\.value)
        var sum: UInt64 = 0
        sums = shared.map { entry in
            sum += UInt64(max(entry.weight, 0))
            return sum
        }
    }

    /// All that may be chosen.
    var all: [Value] { values }

    /// One of them; nil where there is none.
    func choose(_ random: inout some RandomNumberGenerator) -> Value? {
        guard values.count > 1, let total = sums.last else { return values.first }
        // The high half of a product with 64 random bits: even but for less than total / 2^64.
        let point = total.multipliedFullWidth(by: random.next()).high
        for index in sums.indices where point < sums[index] { return values[index] }
        return values.last
    }
}
