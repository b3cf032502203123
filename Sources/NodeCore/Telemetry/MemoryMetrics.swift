package import HTTPWire
import MeshModel
package import MeshTelemetry

/// The metrics of the account of what a worker holds.
package enum MemoryMetrics {
    /// The group of a worker's shard.
    package static let group = MetricGroup(families: [
        MetricFamily(
            name: MetricNames.heldBytes, help: "Bytes that one side has sent and the other has not taken yet.",
            kind: .gauge),
        MetricFamily(
            name: MetricNames.heldBytesLimit, help: "The bound on them that back pressure keeps.", kind: .gauge),
    ])

    /// Shows the account as it is.
    package static func set(_ memory: HeldMemory, in shard: MetricShard, _ row: MetricRow) {
        shard.set(row, family: 0, Int64(memory.held))
        shard.set(row, family: 1, Int64(memory.limit))
    }
}
