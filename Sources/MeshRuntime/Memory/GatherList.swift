/// The DATA fragments of one decrypted batch, linked by stream, so that each stream's bytes leave in one `sendmsg` (D1 c)
/// however they were interleaved. One per worker, empty between batches.
struct GatherList {
    struct Node {
        var offset: Int32
        var length: Int32
        var next: Int32
    }

    static let none: Int32 = -1

    private(set) var nodes: [Node] = []

    init() {
        nodes.reserveCapacity(RuntimeLimits.gatherNodes)
    }

    var isFull: Bool { nodes.count >= RuntimeLimits.gatherNodes }

    /// Appends a fragment to the list that ends in `tail`, and returns its index.
    mutating func append(_ range: Range<Int>, after tail: Int32) -> Int32 {
        let index = Int32(truncatingIfNeeded: nodes.count)
        nodes.append(
            Node(
                offset: Int32(truncatingIfNeeded: range.lowerBound), length: Int32(truncatingIfNeeded: range.count),
                next: Self.none))
        if tail != Self.none { nodes[Int(tail)].next = index }
        return index
    }

    mutating func removeAll() {
        nodes.removeAll(keepingCapacity: true)
    }
}
