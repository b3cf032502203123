import HTTPWire
import MeshModel
import MeshTelemetry
import NameResolution
import NodeCore

/// One worker's counters. Confined to the worker's loop; what it counts in is bounded by `MetricLimits`.
final class RequestTelemetry {
    private let role: ProxyRole
    private let shard: MetricShard
    private let seconds: () -> Int64

    /// Empty counters; `seconds` reads the loop's clock.
    init(role: ProxyRole = .waypoint, limits: MetricLimits = MetricLimits(), seconds: @escaping () -> Int64) {
        self.role = role
        shard = MetricShard(groups: RequestMetrics.groups, limits: limits)
        self.seconds = seconds
    }

    /// The row of requests between these two with this outcome; to be given back with `release`.
    func requestRow(source: TelemetryEnd, destination: TelemetryEnd, service: Service?, _ outcome: RequestOutcome)
        -> MetricRow
    {
        shard.row(
            group: RequestMetrics.Group.requests,
            labels: labels(source, destination, service) + [
                outcome.isGRPC ? "grpc" : "http", String(outcome.status),
                outcome.grpcStatus.map(String.init) ?? "", Self.flags(outcome),
                security,
            ], now: seconds())
    }

    /// The row of connections that are no HTTP; to be given back with `release`.
    func connectionRow(source: TelemetryEnd, destination: TelemetryEnd, service: Service?, _ outcome: RequestOutcome)
        -> MetricRow
    {
        shard.row(
            group: RequestMetrics.Group.connections,
            labels: labels(source, destination, service) + ["tcp", Self.flags(outcome), security], now: seconds())
    }

    /// The row of gRPC messages between these two; to be given back with `release`.
    func messageRow(source: TelemetryEnd, destination: TelemetryEnd, service: Service?) -> MetricRow {
        shard.row(
            group: RequestMetrics.Group.messages, labels: labels(source, destination, service) + ["grpc", security],
            now: seconds())
    }

    /// So many more gRPC messages have come from the client, and gone to it.
    func countMessages(_ row: MetricRow, requests: UInt64, responses: UInt64) {
        shard.add(row, family: RequestMetrics.MessageFamily.requests, requests)
        shard.add(row, family: RequestMetrics.MessageFamily.responses, responses)
    }

    /// A host name was resolved; nil for an answer with addresses.
    func resolved(_ failure: NameFailure.Reason?) {
        let row = shard.row(
            group: RequestMetrics.Group.names, labels: [failure?.rawValue ?? "resolved"], now: seconds())
        shard.add(row, family: 0)
        release(row)
    }

    /// A request has ended; `received` and `sent` are bytes of content, from and to the client.
    func count(_ row: MetricRow, milliseconds: Double, received: UInt64, sent: UInt64) {
        shard.count(row, observing: [milliseconds, Double(received), Double(sent)])
    }

    /// A connection that is no HTTP has reached its endpoint.
    func countOpened(_ row: MetricRow) {
        shard.add(row, family: RequestMetrics.ConnectionFamily.opened)
    }

    /// A connection that is no HTTP has ended; `received` and `sent` are bytes from and to the client.
    func countClosed(_ row: MetricRow, received: UInt64, sent: UInt64) {
        shard.add(row, family: RequestMetrics.ConnectionFamily.closed)
        countBytes(row, received: received, sent: sent)
    }

    /// So many more bytes have moved on one.
    func countBytes(_ row: MetricRow, received: UInt64, sent: UInt64) {
        shard.add(row, family: RequestMetrics.ConnectionFamily.received, received)
        shard.add(row, family: RequestMetrics.ConnectionFamily.sent, sent)
    }

    /// Work was refused because the bound with this name was reached.
    func rejected(_ limit: String) {
        let row = shard.row(group: RequestMetrics.Group.limits, labels: [limit], now: seconds())
        shard.add(row, family: 0)
        release(row)
    }

    /// Gives a row back; its counts stay for `MetricLimits.idleSeconds`.
    func release(_ row: MetricRow) { shard.release(row, now: seconds()) }

    /// The counters as they are, with the account of what the worker holds.
    func snapshot(_ memory: HeldMemory) -> MetricSnapshot {
        shard.forgetIdle(now: seconds())
        let row = shard.row(group: RequestMetrics.Group.memory, labels: [], now: seconds())
        MemoryMetrics.set(memory, in: shard, row)
        release(row)
        return shard.snapshot()
    }

    private func labels(_ source: TelemetryEnd, _ destination: TelemetryEnd, _ service: Service?) -> [String] {
        TrafficLabels.values(reporter: role.reporter, source: source, destination: destination, service: service)
    }

    /// Only who serves a connection says how it was protected; a gateway counts as a client.
    private var security: String { role == .waypoint ? "mutual_tls" : "unknown" }

    private static func flags(_ outcome: RequestOutcome) -> String { outcome.flags.isEmpty ? "-" : outcome.flags.text }
}
