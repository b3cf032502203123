import MeshModel
import MeshTelemetry

/// The counters of the mesh DNS (Z 8.1). Confined to the DNS loop; `snapshot` is handed to the metrics page.
final class DNSTelemetry {
    private enum Group: Int {
        case requests
        case upstream
    }

    private enum Upstream {
        static let requests = 0
        static let failures = 1
        static let duration = 2
    }

    private static let labels = [
        "request_query_type", "request_protocol", "source_canonical_service", "source_canonical_revision",
    ]

    private static let groups = [
        MetricGroup(
            labelNames: labels,
            families: [
                MetricFamily(name: base(MetricNames.dnsRequests), help: "Questions to the mesh DNS.", kind: .counter)
            ]),
        MetricGroup(
            labelNames: labels,
            families: [
                MetricFamily(
                    name: base(MetricNames.dnsUpstreamRequests), help: "Questions passed on to resolvers.",
                    kind: .counter),
                MetricFamily(
                    name: base(MetricNames.dnsUpstreamFailures), help: "Questions that no resolver answered.",
                    kind: .counter),
                MetricFamily(
                    name: MetricNames.dnsUpstreamDuration, help: "Seconds until a resolver answered.",
                    kind: .histogram(bounds: [0.0005, 0.001, 0.01, 0.1, 1, 5])),
            ]),
    ]

    private let shard = MetricShard(groups: DNSTelemetry.groups)

    /// A question came.
    func request(_ query: DNSQuery?, _ transport: DNSTransport, _ client: Workload, now: Int64) {
        count(.requests, query, transport, client, now) { $0.add($1, family: 0) }
    }

    /// It was passed on.
    func upstream(_ query: DNSQuery, _ transport: DNSTransport, _ client: Workload, now: Int64) {
        count(.upstream, query, transport, client, now) { $0.add($1, family: Upstream.requests) }
    }

    /// A resolver answered after `seconds`, or none did.
    func upstreamEnded(
        _ query: DNSQuery, _ transport: DNSTransport, _ client: Workload, seconds: Double?, now: Int64
    ) {
        count(.upstream, query, transport, client, now) { shard, row in
            if let seconds {
                shard.observe(row, family: Upstream.duration, seconds)
            } else {
                shard.add(row, family: Upstream.failures)
            }
        }
    }

    /// For the metrics page.
    func snapshot(now: Int64) -> MetricSnapshot {
        _ = shard.forgetIdle(now: now)
        return shard.snapshot()
    }

    private func count(
        _ group: Group, _ query: DNSQuery?, _ transport: DNSTransport, _ client: Workload, _ now: Int64,
        _ body: (MetricShard, MetricRow) -> Void
    ) {
        let labels = [
            query.map { "\($0.type)" } ?? "unknown", transport.rawValue, client.canonicalName, client.canonicalRevision,
        ]
        let row = shard.row(group: group.rawValue, labels: labels.map { $0.isEmpty ? "unknown" : $0 }, now: now)
        body(shard, row)
        shard.release(row, now: now)
    }

    /// Counters' families are declared without `_total`.
    private static func base(_ name: String) -> String {
        name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
    }
}
