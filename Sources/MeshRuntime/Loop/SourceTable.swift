/// The slab of registered sources. A token is slot + generation, so an event that was already taken from the kernel when its
/// descriptor was closed never reaches the source that reuses the slot.
struct SourceTable {
    private struct Slot {
        var generation: UInt32
        var source: EventSource?
        var nextFree: Int32
    }

    private var slots: [Slot] = []
    private var firstFree: Int32 = -1
    private(set) var count = 0

    /// Sets a slot aside for `source` and returns its token; nil when there are 2^31 of them.
    mutating func insert(_ source: EventSource) -> UInt64? {
        let index: Int
        if firstFree >= 0 {
            index = Int(firstFree)
            firstFree = slots[index].nextFree
            slots[index].source = source
        } else {
            guard slots.count < Int(Int32.max) else { return nil }
            index = slots.count
            slots.append(Slot(generation: 0, source: source, nextFree: -1))
        }
        count &+= 1
        return UInt64(slots[index].generation) << 32 | UInt64(UInt32(truncatingIfNeeded: index))
    }

    /// The source that `token` was given to, if it is still registered.
    func source(_ token: UInt64) -> EventSource? {
        let index = Int(UInt32(truncatingIfNeeded: token))
        guard index < slots.count, slots[index].generation == UInt32(truncatingIfNeeded: token >> 32) else {
            return nil
        }
        return slots[index].source
    }

    /// Frees the slot of `token`; later events with that token find nothing.
    mutating func remove(_ token: UInt64) {
        let index = Int(UInt32(truncatingIfNeeded: token))
        guard source(token) != nil else { return }
        slots[index].source = nil
        slots[index].generation &+= 1
        slots[index].nextFree = firstFree
        firstFree = Int32(truncatingIfNeeded: index)
        count &-= 1
    }
}
