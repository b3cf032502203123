/// Every live connection of one worker, in slots that are used again.
///
/// Inserting and removing are O(1); a walk may be done in portions over several turns of the loop, because slots do not
/// move. Confined to its worker's loop. Bounded by `DataPlaneLimits.connections`.
package struct ConnectionTable {
    private var slots: [ProxiedConnection?] = []
    private var free: [Int32] = []

    /// An empty table.
    package init() {}

    /// Live connections.
    package var count: Int { slots.count - free.count }

    /// One past the last slot ever used since the table was last empty.
    package var slotCount: Int { slots.count }

    /// The connection in a slot, if there is one.
    package func connection(at slot: Int) -> ProxiedConnection? {
        slots.indices.contains(slot) ? slots[slot] : nil
    }

    /// Adds a connection and tells it its slot.
    package mutating func insert(_ connection: ProxiedConnection) {
        if let slot = free.popLast() {
            slots[Int(slot)] = connection
            connection.slot = slot
        } else {
            connection.slot = Int32(truncatingIfNeeded: slots.count)
            slots.append(connection)
        }
    }

    /// Removes a connection; nothing happens when it is not there. The memory of a table that has become empty is given
    /// back.
    package mutating func remove(_ connection: ProxiedConnection) {
        let slot = Int(connection.slot)
        guard slots.indices.contains(slot), slots[slot] === connection else { return }
        slots[slot] = nil
        connection.slot = -1
        free.append(Int32(truncatingIfNeeded: slot))
        if free.count == slots.count {
            slots = []
            free = []
        }
    }

    /// All live connections; for the dump, the scrape of live bytes, and the end.
    package var connections: [ProxiedConnection] { slots.compactMap(\.self) }
}
