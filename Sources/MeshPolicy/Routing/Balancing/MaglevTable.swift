/// Maglev's table (Eisenbud et al., 2016): every entry has an endpoint, each endpoint as many as its weight says, and few entries
/// change when endpoints do. A look is one array access.
package struct MaglevTable: Sendable {
    /// The largest table: Istio's and Envoy's bound.
    package static let maximumSize = 5_000_011

    private let entries: [Int32]

    /// Whether a table may have this many entries: a prime, so that every endpoint's steps reach all of it.
    package static func isUsableSize(_ size: Int) -> Bool {
        guard size >= 2, size <= maximumSize else { return false }
        var divisor = 2
        while divisor * divisor <= size {
            if size % divisor == 0 { return false }
            divisor += 1
        }
        return true
    }

    /// The table of endpoints with these names and weights. `size` is usable.
    init(_ members: [(name: String, weight: UInt32, member: Int)], size: Int) {
        guard let greatest = members.map(\.weight).max(), greatest > 0, Self.isUsableSize(size) else {
            entries = []
            return
        }
        var entries = [Int32](repeating: -1, count: size)
        var filled = 0
        var walks = members.map { member in
            let hash = ByteHash.of(member.name)
            return Walk(
                next: Int(hash % UInt64(size)),
                step: Int(ByteHash.mix(hash ^ 0x9e37_79b9_7f4a_7c15) % UInt64(size - 1)) + 1)
        }
        var round = 0.0
        while filled < size {
            round += 1
            for (index, member) in members.enumerated() {
                // A lighter endpoint takes part in as many of the rounds as its weight is of the greatest.
                guard round * Double(member.weight) >= walks[index].target else { continue }
                walks[index].target += Double(greatest)
                while entries[walks[index].next] >= 0 { walks[index].advance(size) }
                entries[walks[index].next] = Int32(truncatingIfNeeded: member.member)
                walks[index].advance(size)
                filled += 1
                if filled == size { break }
            }
        }
        self.entries = entries
    }

    private struct Walk {
        var next: Int
        let step: Int
        var target = 0.0

        mutating func advance(_ size: Int) {
            next += step
            if next >= size { next -= size }
        }
    }

    /// The endpoint of a hash; nil in an empty table.
    func member(for hash: UInt64) -> Int? {
        guard !entries.isEmpty else { return nil }
        return Int(entries[Int(hash % UInt64(entries.count))])
    }

    /// How many entries an endpoint has.
    func share(of member: Int) -> Int { entries.count { Int($0) == member } }
}
