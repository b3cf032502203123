/// The values of one shard at one moment: what crosses from a worker to the thread that renders the page.
package struct MetricSnapshot: Sendable {
    /// One series row.
    package struct Series: Sendable, Hashable {
        /// The group's place in `groups`.
        package var group: Int
        /// The label values, in the order of the group's names.
        package var labels: [String]
        /// The raw slots of all families of the group.
        var slots: [UInt64]
    }

    /// The groups that the shard was made with.
    package let groups: [MetricGroup]
    /// The rows, in no order.
    package let series: [Series]

    /// The value of one counter or gauge, for tests and for status answers; nil where there is no such series.
    package func value(group: Int, family: Int, labels: [String]) -> Int64? {
        series.first { $0.group == group && $0.labels == labels }.map {
            Int64(bitPattern: $0.slots[groups[group].offsets[family]])
        }
    }
}
