/// Takes members in turn, heavier ones more often, evenly spread: each has a deadline that moves on by the inverse of its weight
/// when it is taken, and the earliest is next. Logarithmic time; weights may change between turns.
struct EarliestDeadline: Sendable {
    private struct Slot {
        var deadline: Double
        /// Of equal deadlines, the one that was taken longer ago is first.
        var order: UInt64
        let member: Int

        func isBefore(_ other: Slot) -> Bool { (deadline, order) < (other.deadline, other.order) }
    }

    private var heap: [Slot] = []
    private var turns: UInt64 = 0

    /// The order of members, of whom the one at `start` is the first: workers should not all begin with the same.
    init(_ members: [Int], start: Int, weight: (Int) -> Double) {
        for index in members.indices {
            let member = members[(start + index) % members.count]
            heap.append(Slot(deadline: 1 / max(weight(member), 1e-9), order: turns, member: member))
            turns += 1
        }
        for index in stride(from: heap.count / 2, through: 0, by: -1) { sink(index) }
    }

    /// The next member; nil where there is none.
    mutating func next(weight: (Int) -> Double) -> Int? {
        guard let first = heap.first else { return nil }
        heap[0].deadline = first.deadline + 1 / max(weight(first.member), 1e-9)
        heap[0].order = turns
        turns += 1
        sink(0)
        return first.member
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            let left = 2 * index + 1
            guard left < heap.count else { return }
            let right = left + 1
            let child = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
            guard heap[child].isBefore(heap[index]) else { return }
            heap.swapAt(index, child)
            index = child
        }
    }
}
