package import HTTPWire
package import MeshModel
package import MeshTelemetry
package import NodeCore

/// One worker's counters, and the sets of labels that its connections share.
///
/// A connection costs one lookup at its beginning; counting bytes is an addition to an array element. Confined to the
/// worker's loop. Bounded: the shard by `MetricLimits`, the label sets by `labelCapacity`.
package final class WorkerTelemetry {
    /// Label sets remembered; those in use live on with their connections.
    package static let labelCapacity = 10_000

    private let shard: MetricShard
    private let seconds: () -> Int64
    private var labels: [LabelKey: ConnectionLabels] = [:]

    /// Empty counters; `seconds` reads the loop's clock.
    package init(limits: MetricLimits = MetricLimits(), seconds: @escaping () -> Int64) {
        self.shard = MetricShard(groups: ConnectionMetrics.groups, limits: limits)
        self.seconds = seconds
    }

    /// The shared labels of a pair of workloads.
    package func labels(_ key: LabelKey, service: Service?) -> ConnectionLabels {
        if let found = labels[key] { return found }
        if labels.count >= Self.labelCapacity { labels.removeAll() }
        let row = shard.row(
            group: ConnectionMetrics.Group.connections,
            labels: ConnectionMetrics.values(key, service, flag: .none), now: seconds())
        let made = ConnectionLabels(
            direction: key.direction, source: key.source, destination: key.destination, service: service,
            isMutualTLS: key.isMutualTLS, row: row
        ) { [shard, seconds] row in
            shard.release(row, now: seconds())
        }
        labels[key] = made
        return made
    }

    /// Forgets the sets that no connection uses; a new snapshot brings new names.
    package func forgetLabels() { labels.removeAll(keepingCapacity: true) }

    /// A connection is held.
    package func registered(_ direction: ConnectionSummary.Direction) {
        count(ConnectionMetrics.Group.sockets, [ConnectionMetrics.reporter(direction)]) { shard.add($0, family: 0) }
    }

    /// A connection is established, or has failed without ever having been.
    package func opened(_ connection: ProxiedConnection) {
        guard !connection.isCounted else { return }
        connection.isCounted = true
        shard.add(connection.labels.row, family: ConnectionMetrics.Family.opened)
    }

    /// Counts what has moved since the last call; the arguments are totals.
    package func progressed(_ connection: ProxiedConnection, fromFirst: UInt64, fromSecond: UInt64) {
        let first = fromFirst &- connection.countedFromFirst
        let second = fromSecond &- connection.countedFromSecond
        connection.countedFromFirst = fromFirst
        connection.countedFromSecond = fromSecond
        // Outbound, the first end is the client; inbound, it is the application.
        let isOutbound = connection.direction == .outbound
        shard.add(
            connection.labels.row, family: ConnectionMetrics.Family.received, isOutbound ? first : second)
        shard.add(connection.labels.row, family: ConnectionMetrics.Family.sent, isOutbound ? second : first)
    }

    /// A connection has ended. Closed and failed carry the final flag, so that they may be in another series than opened
    /// (Z 8.1).
    package func closed(
        _ connection: ProxiedConnection, fromFirst: UInt64, fromSecond: UInt64, failure: ConnectionFailure?
    ) {
        count(ConnectionMetrics.Group.sockets, [ConnectionMetrics.reporter(connection.direction)]) {
            shard.subtract($0, family: 0)
        }
        opened(connection)
        progressed(connection, fromFirst: fromFirst, fromSecond: fromSecond)
        let flag = failure?.flag ?? .none
        guard flag != .none else {
            return shard.add(connection.labels.row, family: ConnectionMetrics.Family.closed)
        }
        let labels = connection.labels
        let key = LabelKey(
            direction: labels.direction, source: labels.source, destination: labels.destination,
            service: labels.service?.key, isMutualTLS: labels.isMutualTLS)
        count(ConnectionMetrics.Group.connections, ConnectionMetrics.values(key, labels.service, flag: flag)) { row in
            shard.add(row, family: ConnectionMetrics.Family.closed)
            shard.add(row, family: ConnectionMetrics.Family.failed)
        }
    }

    /// A connection that was refused before anything was known of it: it was held, and is not in any other metric.
    package func discarded(_ direction: ConnectionSummary.Direction) {
        count(ConnectionMetrics.Group.sockets, [ConnectionMetrics.reporter(direction)]) {
            shard.subtract($0, family: 0)
        }
    }

    /// Work was refused because a bound was reached.
    package func rejected(_ limit: DataPlaneLimit) {
        count(ConnectionMetrics.Group.limits, [limit.rawValue]) { shard.add($0, family: 0) }
    }

    /// A tunnel was refused or cut because the peer's certificate was revoked.
    package func refusedRevoked() {
        count(ConnectionMetrics.Group.revocations, []) { shard.add($0, family: 0) }
    }

    /// The counters as they are, with the log's own and the account of what the worker holds.
    package func snapshot(droppedLines: UInt64, _ memory: HeldMemory) -> MetricSnapshot {
        shard.forgetIdle(now: seconds())
        count(ConnectionMetrics.Group.memory, []) { MemoryMetrics.set(memory, in: shard, $0) }
        count(ConnectionMetrics.Group.log, []) { shard.set($0, family: 0, Int64(clamping: droppedLines)) }
        return shard.snapshot()
    }

    private func count(_ group: Int, _ labels: [String], _ body: (MetricRow) -> Void) {
        let now = seconds()
        let row = shard.row(group: group, labels: labels, now: now)
        body(row)
        shard.release(row, now: now)
    }
}
