/// Families that carry the same labels, so that a series keeps its label values once for all of them.
///
/// `istio_tcp_connections_opened`, `_closed`, `_received_bytes` and the others of Z 8.1 share about thirty labels: one
/// row holds the values once and one slot for each family.
package struct MetricGroup: Sendable, Hashable {
    /// The label names, in the order of the values that a series is asked for with.
    package let labelNames: [String]
    /// The families, in the order of their index.
    package let families: [MetricFamily]
    /// Where each family's slots begin in a row.
    let offsets: [Int]
    /// The bounds of each family; empty for one that is no histogram.
    let bounds: [[Double]]
    /// Slots of one row.
    let slotCount: Int

    /// Declares a group. Order matters: a family is addressed by its place.
    package init(labelNames: [String] = [], families: [MetricFamily]) {
        self.labelNames = labelNames
        self.families = families
        var offsets: [Int] = []
        var next = 0
        for family in families {
            offsets.append(next)
            next += family.kind.slotCount
        }
        self.offsets = offsets
        bounds = families.map { family in
            if case .histogram(let bounds) = family.kind { bounds } else { [] }
        }
        self.slotCount = next
    }

    /// A group of things that are counted and, each time, observed in every histogram: for `MetricShard.count(_:observing:)`, whose values
    /// are in this order.
    package init(labelNames: [String], counted: MetricFamily, observed: [MetricFamily]) {
        self.init(labelNames: labelNames, families: [counted] + observed)
    }
}
