import MeshModel

extension DestinationRuleSpec.Warmup {
    /// The part of its weight that an endpoint has which is known for `age` (I 2.16): from `minimumPercent` to all of it.
    func factor(age: Duration) -> Double {
        guard age < duration else { return 1 }
        let time = Double(max(age.nanoseconds, 1)) / Double(max(duration.nanoseconds, 1))
        return max(minimumPercent / 100, Self.power(time, 1 / max(aggression, 1e-6)))
    }

    /// `base` to `exponent` for a base from 0 to 1, without a mathematics library: by square roots of the base, one for each
    /// binary digit of the fraction.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        if exponent == 1 { return base }
        var result = 1.0
        var whole = exponent.rounded(.down)
        var fraction = exponent - whole
        var square = base
        while whole >= 1, result > 1e-12 {
            if whole.truncatingRemainder(dividingBy: 2) >= 1 { result *= square }
            square *= square
            whole = (whole / 2).rounded(.down)
        }
        var root = base
        for _ in 0..<52 where fraction > 0 {
            root = root.squareRoot()
            fraction *= 2
            if fraction >= 1 {
                result *= root
                fraction -= 1
            }
        }
        return result
    }
}
