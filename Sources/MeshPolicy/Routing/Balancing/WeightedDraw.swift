/// Draws members at random, each as often as its weight says. Constant time where all weigh the same, else logarithmic. Immutable; any
/// thread.
final class WeightedDraw: Sendable {
    let members: [Int]
    /// Sums of weights up to and with each member; empty where all weigh the same.
    private let sums: [UInt64]

    init(_ members: [Int], weight: (Int) -> UInt32) {
        self.members = members
        guard let first = members.first.map(weight), members.contains(where: { weight($0) != first }) else {
            sums = []
            return
        }
        var sum: UInt64 = 0
        sums = members.map { member in
            sum += UInt64(weight(member))
            return sum
        }
    }

    var isEmpty: Bool { members.isEmpty }

    /// One of the members; nil where there is none.
    func draw(_ random: inout some RandomNumberGenerator) -> Int? {
        guard members.count > 1 else { return members.first }
        // The high half of a product with 64 random bits: even but for less than a 2^64th of the factor.
        guard let total = sums.last else {
            return members[Int(UInt64(members.count).multipliedFullWidth(by: random.next()).high)]
        }
        let point = total.multipliedFullWidth(by: random.next()).high
        var low = 0
        var high = sums.count - 1
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] <= point { low = middle + 1 } else { high = middle }
        }
        return members[low]
    }
}
