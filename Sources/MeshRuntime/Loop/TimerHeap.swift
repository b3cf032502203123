import HTTPWire

/// Timers in a binary heap that knows where each one stands, so that the usual fate of a timeout, to be cancelled, costs O(log n)
/// and leaves nothing behind. Timers of one deadline fire in the order in which they were scheduled.
struct TimerHeap {
    private struct Slot {
        var deadline: UInt64
        var sequence: UInt64
        var generation: UInt32
        var position: Int32
        var body: (() -> Void)?
    }

    private var slots: [Slot] = []
    private var free: [Int32] = []
    private var heap: [Int32] = []
    private var sequence: UInt64 = 0

    /// Timers that have neither fired nor been cancelled.
    var count: Int { heap.count }

    /// The earliest deadline.
    var next: MonotonicTime? {
        heap.first.map { MonotonicTime(nanoseconds: slots[Int($0)].deadline) }
    }

    /// Adds a timer.
    mutating func schedule(at deadline: MonotonicTime, _ body: @escaping () -> Void) -> TimerID {
        sequence &+= 1
        let index: Int32
        if let reused = free.popLast() {
            index = reused
            slots[Int(index)].deadline = deadline.nanoseconds
            slots[Int(index)].sequence = sequence
            slots[Int(index)].body = body
        } else {
            index = Int32(truncatingIfNeeded: slots.count)
            slots.append(
                Slot(deadline: deadline.nanoseconds, sequence: sequence, generation: 0, position: 0, body: body))
        }
        heap.append(index)
        place(index, heap.count - 1)
        siftUp(heap.count - 1)
        return TimerID(slot: index, generation: slots[Int(index)].generation)
    }

    /// Removes a timer; false if it has fired or was cancelled before.
    @discardableResult
    mutating func cancel(_ id: TimerID) -> Bool {
        let index = Int(id.slot)
        guard index >= 0, index < slots.count, slots[index].generation == id.generation, slots[index].body != nil else {
            return false
        }
        remove(at: Int(slots[index].position))
        return true
    }

    /// The place of the timer that was scheduled last among all that ever were.
    var last: UInt64 { sequence }

    /// Takes the first timer, if its deadline is not after `now` and it was scheduled no later than that with the place `last`.
    mutating func popDue(_ now: MonotonicTime, upTo last: UInt64) -> (() -> Void)? {
        guard let first = heap.first, slots[Int(first)].deadline <= now.nanoseconds, slots[Int(first)].sequence <= last
        else { return nil }
        let body = slots[Int(first)].body
        remove(at: 0)
        return body
    }

    private mutating func remove(at position: Int) {
        let index = heap[position]
        let last = heap.removeLast()
        if position < heap.count {
            place(last, position)
            siftUp(position)
            siftDown(Int(slots[Int(last)].position))
        }
        slots[Int(index)].body = nil
        slots[Int(index)].generation &+= 1
        free.append(index)
    }

    private mutating func place(_ index: Int32, _ position: Int) {
        heap[position] = index
        slots[Int(index)].position = Int32(truncatingIfNeeded: position)
    }

    private func isEarlier(_ left: Int32, _ right: Int32) -> Bool {
        let one = slots[Int(left)].deadline
        let other = slots[Int(right)].deadline
        return one != other ? one < other : slots[Int(left)].sequence < slots[Int(right)].sequence
    }

    private mutating func siftUp(_ start: Int) {
        var position = start
        let index = heap[position]
        while position > 0 {
            let parent = (position - 1) / 2
            guard isEarlier(index, heap[parent]) else { break }
            place(heap[parent], position)
            position = parent
        }
        place(index, position)
    }

    private mutating func siftDown(_ start: Int) {
        var position = start
        let index = heap[position]
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, isEarlier(heap[child + 1], heap[child]) { child += 1 }
            guard isEarlier(heap[child], index) else { break }
            place(heap[child], position)
            position = child
        }
        place(index, position)
    }
}
