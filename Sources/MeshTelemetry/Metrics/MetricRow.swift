/// A handle on one series row of a `MetricShard`: an index, so that counting is an addition to an array element.
///
/// Valid from `MetricShard.row` until the matching `MetricShard.release`.
package struct MetricRow: Sendable, Hashable {
    let index: Int32
}
