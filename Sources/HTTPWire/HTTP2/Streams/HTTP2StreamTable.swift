/// The streams of one connection: an open-addressed table by stream number, with linear probing.
///
/// Multiplicative hashing keeps runs short for the consecutive odd numbers of an honest peer; one that picks numbers to
/// collide gets at worst a scan over the permitted number of streams. 43 to 128 bytes a stream when large (256 just
/// before it shrinks); shrinks as streams end, to 256 bytes in all.
struct HTTP2StreamTable: Sendable {
    private static let smallestCapacity = 8

    /// A power of two of slots, or none before the first stream.
    private(set) var slots: [HTTP2Stream] = []
    private(set) var count = 0

    private var mask: Int { slots.count - 1 }

    /// Where probing for `id` begins: the top bits of the product, which depend on all bits of the number.
    @inline(__always)
    private func home(of id: UInt32) -> Int {
        Int(truncatingIfNeeded: (UInt64(id &* 0x9e37_79b1) &* UInt64(slots.count)) >> 32)
    }

    /// The slot of stream `id`; valid until the next insertion or removal.
    @inline(__always)
    func slot(of id: UInt32) -> Int? {
        guard count > 0, id != 0 else { return nil }
        var slot = home(of: id)
        while slots[slot].id != 0 {
            if slots[slot].id == id { return slot }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The record in `slot`.
    subscript(slot: Int) -> HTTP2Stream {
        @inline(__always) _read { yield slots[slot] }
        @inline(__always) _modify { yield &slots[slot] }
    }

    /// Adds a record whose number is not in the table; returns its slot.
    @discardableResult
    mutating func insert(_ stream: HTTP2Stream) -> Int {
        if (count + 1) * 4 > slots.count * 3 { rehash(to: max(Self.smallestCapacity, slots.count * 2)) }
        count += 1
        return place(stream)
    }

    /// Removes the record in `slot` and closes the gap, so that probing needs no tombstones.
    mutating func remove(at slot: Int) {
        var gap = slot
        var next = (gap + 1) & mask
        while slots[next].id != 0 {
            let home = home(of: slots[next].id)
            if (next - home) & mask >= (next - gap) & mask {
                slots[gap] = slots[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        slots[gap] = HTTP2Stream()
        count -= 1
        if slots.count > Self.smallestCapacity, count * 8 < slots.count { rehash(to: slots.count / 2) }
    }

    /// Forgets all streams and gives the memory back.
    mutating func removeAll() {
        slots = []
        count = 0
    }

    private mutating func place(_ stream: HTTP2Stream) -> Int {
        var slot = home(of: stream.id)
        while slots[slot].id != 0 { slot = (slot + 1) & mask }
        slots[slot] = stream
        return slot
    }

    private mutating func rehash(to capacity: Int) {
        let old = slots
        slots = Array(repeating: HTTP2Stream(), count: capacity)
        for stream in old where stream.id != 0 { _ = place(stream) }
    }
}
