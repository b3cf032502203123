/// The counters of one thread: plain integers, no lock, no allocation when counting.
///
/// A shard belongs to one event loop. A page is made from copies of all shards (`snapshot`, then `MetricsPage`).
/// Looking a row up hashes its label values: callers do that once a connection, or keep rows for pairs they know.
package final class MetricShard {
    private struct Row {
        var group: Int32
        /// Connections that hold the row; it is never forgotten while this is above zero.
        var holders: Int32
        var lastUse: Int64
        var firstSlot: Int32
        var labels: [String]
    }

    private struct Key: Hashable {
        var group: Int32
        var labels: [String]
    }

    /// What an overflowing label set is counted under.
    package static let overflowLabel = "overflow"

    private let groups: [MetricGroup]
    private let limits: MetricLimits
    // The properties marked unchecked are changed by nothing that leads back to them (docs/design/bench.md).
    @exclusivity(unchecked) private var rows: [Row?] = []
    private var freeRows: [Int32] = []
    private var freeSlots: [Int32: [Int32]] = [:]
    private var index: [Key: Int32] = [:]
    @exclusivity(unchecked) private var slots: [UInt64] = []
    /// Rows asked for that did not fit `MetricLimits.maximumRows`.
    package private(set) var overflowedRows: UInt64 = 0

    /// A shard for `groups`; a group is addressed by its place in this array, which must be the same in all shards.
    package init(groups: [MetricGroup], limits: MetricLimits = MetricLimits()) {
        self.groups = groups
        self.limits = limits
    }

    /// Rows in use, for the limit's own metric and for tests.
    package var rowCount: Int { index.count }

    /// The row of `group` with these label values (in the order of `MetricGroup.labelNames`), made when it is not there.
    /// The caller holds it until `release`. `now` is in seconds of any clock that does not go back.
    package func row(group: Int, labels: [String], now: Int64) -> MetricRow {
        let key = Key(group: Int32(group), labels: labels)
        if let found = index[key] {
            hold(found, now: now)
            return MetricRow(index: found)
        }
        if index.count >= limits.maximumRows {
            overflowedRows &+= 1
            let overflow = Key(
                group: Int32(group), labels: Array(repeating: Self.overflowLabel, count: groups[group].labelNames.count)
            )
            let row = index[overflow] ?? add(overflow, now: now)
            hold(row, now: now)
            return MetricRow(index: row)
        }
        let row = add(key, now: now)
        hold(row, now: now)
        return MetricRow(index: row)
    }

    /// Gives a row back; its counts stay until it has been idle for `MetricLimits.idleSeconds`.
    package func release(_ row: MetricRow, now: Int64) {
        rows[Int(row.index)]?.holders -= 1
        rows[Int(row.index)]?.lastUse = now
    }

    /// Adds to a counter or a gauge.
    package func add(_ row: MetricRow, family: Int, _ amount: UInt64 = 1) {
        guard let slot = slot(row, family) else { return }
        slots[slot] &+= amount
    }

    /// Lowers a gauge.
    package func subtract(_ row: MetricRow, family: Int, _ amount: UInt64 = 1) {
        guard let slot = slot(row, family) else { return }
        slots[slot] &-= amount
    }

    /// Sets a gauge.
    package func set(_ row: MetricRow, family: Int, _ value: Int64) {
        guard let slot = slot(row, family) else { return }
        slots[slot] = UInt64(bitPattern: value)
    }

    /// Adds one observation to a histogram.
    package func observe(_ row: MetricRow, family: Int, _ value: Double) {
        guard let slot = slot(row, family), let group = rows[Int(row.index)]?.group else { return }
        observe(slot, Int(group), family, value)
    }

    /// Adds one to the group's first counter and an observation to each of the histograms that follow it
    /// (`MetricGroup.init(labelNames:counted:observed:)`), with one look at the row. What the group has no histogram for is left out.
    package func count<let histograms: Int>(_ row: MetricRow, observing values: [histograms of Double]) {
        guard let group = rows[Int(row.index)]?.group, let first = rows[Int(row.index)]?.firstSlot else { return }
        let place = Int(group)
        slots[Int(first)] &+= 1
        for family in 1..<min(histograms + 1, groups[place].families.count) {
            observe(Int(first) + groups[place].offsets[family], place, family, values[family - 1])
        }
    }

    private func observe(_ slot: Int, _ group: Int, _ family: Int, _ value: Double) {
        let count = groups[group].bounds[family].count
        guard count > 0 else { return }
        var bucket = 0
        while bucket < count, value > groups[group].bounds[family][bucket] { bucket += 1 }
        slots[slot + bucket] &+= 1
        let sum = slot + count + 1
        slots[sum] = (Double(bitPattern: slots[sum]) + value).bitPattern
    }

    /// Forgets rows that nobody holds and that were last used `MetricLimits.idleSeconds` ago or earlier; returns how many.
    @discardableResult
    package func forgetIdle(now: Int64) -> Int {
        var forgotten = 0
        for (key, place) in index {
            guard let row = rows[Int(place)], row.holders <= 0, now - row.lastUse >= limits.idleSeconds else {
                continue
            }
            index[key] = nil
            rows[Int(place)] = nil
            freeRows.append(place)
            freeSlots[row.group, default: []].append(row.firstSlot)
            forgotten += 1
        }
        return forgotten
    }

    /// A copy that may cross threads.
    package func snapshot() -> MetricSnapshot {
        let series = index.values.compactMap { place -> MetricSnapshot.Series? in
            guard let row = rows[Int(place)] else { return nil }
            let first = Int(row.firstSlot)
            return MetricSnapshot.Series(
                group: Int(row.group), labels: row.labels,
                slots: Array(slots[first..<first + groups[Int(row.group)].slotCount]))
        }
        return MetricSnapshot(groups: groups, series: series)
    }

    private func hold(_ place: Int32, now: Int64) {
        rows[Int(place)]?.holders += 1
        rows[Int(place)]?.lastUse = now
    }

    private func slot(_ row: MetricRow, _ family: Int) -> Int? {
        guard let held = rows[Int(row.index)] else { return nil }
        return Int(held.firstSlot) + groups[Int(held.group)].offsets[family]
    }

    private func add(_ key: Key, now: Int64) -> Int32 {
        let count = groups[Int(key.group)].slotCount
        let first: Int32
        if let free = freeSlots[key.group]?.popLast() {
            first = free
            for slot in Int(first)..<Int(first) + count { slots[slot] = 0 }
        } else {
            first = Int32(slots.count)
            slots.append(contentsOf: repeatElement(0, count: count))
        }
        let row = Row(group: key.group, holders: 0, lastUse: now, firstSlot: first, labels: key.labels)
        let place: Int32
        if let free = freeRows.popLast() {
            place = free
            rows[Int(free)] = row
        } else {
            place = Int32(rows.count)
            rows.append(row)
        }
        index[key] = place
        return place
    }
}
