/// Ketama's ring: each endpoint has points on it in proportion to its weight; a hash belongs to the next point. When an endpoint
/// goes, only what was its own moves, until the ring must have more points for the rest.
package struct HashRing: Sendable {
    /// The most points that a ring may be asked to have: Istio's and Envoy's bound, 8 Mi.
    package static let maximumSize = 8 << 20

    private let points: [(hash: UInt64, member: Int)]

    /// The ring of endpoints with these names and weights, of at least `minimumSize` points and at most `maximumSize`.
    init(_ members: [(name: String, weight: UInt32, member: Int)], minimumSize: Int) {
        let total = members.reduce(0.0) { $0 + Double($1.weight) }
        guard let least = members.map(\.weight).min(), total > 0 else {
            points = []
            return
        }
        // A number of points for the lightest endpoint that stays the same while endpoints come and go, so that nothing moves
        // but what must: the power of two from which the ring is large enough.
        let share = Double(least) / total
        var pointsOfLeast = 1.0
        while pointsOfLeast < share * Double(minimumSize) { pointsOfLeast *= 2 }
        let scale = min(pointsOfLeast / share, Double(Self.maximumSize))
        var points: [(hash: UInt64, member: Int)] = []
        var reached = 0
        var target = 0.0
        for member in members {
            target += scale * Double(member.weight) / total
            var number = 0
            var base = ByteHash()
            for byte in member.name.utf8 { base.add(byte) }
            base.add(0x5f)
            while Double(reached) < target.rounded() {
                var hash = base
                for shift in stride(from: 0, to: 32, by: 8) { hash.add(UInt8(truncatingIfNeeded: number >> shift)) }
                points.append((hash.value, member.member))
                number += 1
                reached += 1
            }
        }
        self.points = points.sorted { ($0.hash, $0.member) < ($1.hash, $1.member) }
    }

    /// How many points there are.
    var count: Int { points.count }

    /// The endpoint of a hash; nil on an empty ring.
    func member(for hash: UInt64) -> Int? {
        guard !points.isEmpty else { return nil }
        var low = 0
        var high = points.count
        while low < high {
            let middle = (low + high) / 2
            if points[middle].hash < hash { low = middle + 1 } else { high = middle }
        }
        return points[low % points.count].member
    }
}
