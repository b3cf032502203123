package import MeshModel
package import MeshTelemetry
package import NodeCore

/// The metrics of the data path: what each worker's shard is made of (Z 8.1).
package enum ConnectionMetrics {
    /// The labels T, in the order of `values`.
    package static let labelNames =
        TrafficLabels.names + [
            "request_protocol", "response_flags", "connection_security_policy", "source_region", "source_zone",
            "destination_region", "destination_zone",
        ]

    /// Places of the groups in a shard.
    package enum Group {
        package static let connections = 0
        package static let sockets = 1
        package static let limits = 2
        package static let log = 3
        package static let revocations = 4
        package static let memory = 5
    }

    /// Places of the families in the group of connections.
    package enum Family {
        package static let opened = 0
        package static let closed = 1
        package static let failed = 2
        package static let received = 3
        package static let sent = 4
    }

    /// The groups of every worker's shard.
    package static let groups = [
        MetricGroup(
            labelNames: labelNames,
            families: [
                .counter(MetricNames.connectionsOpened, "TCP connections opened."),
                .counter(MetricNames.connectionsClosed, "TCP connections closed."),
                .counter(MetricNames.connectionsFailed, "TCP connections that failed."),
                .counter(MetricNames.receivedBytes, "Bytes received from clients of TCP connections."),
                .counter(MetricNames.sentBytes, "Bytes sent to clients of TCP connections."),
            ]),
        MetricGroup(
            labelNames: ["reporter"],
            families: [MetricFamily(name: MetricNames.socketsOpen, help: "Connections held open.", kind: .gauge)]),
        MetricGroup(
            labelNames: ["limit"],
            families: [.counter(MetricNames.limitRejections, "New work refused because a bound was reached.")]),
        MetricGroup(families: [
            .counter("ambit_log_lines_dropped_total", "Log lines thrown away because their reader is too slow.")
        ]),
        MetricGroup(families: [
            .counter(MetricNames.revokedPeers, "Tunnels refused or cut because the peer's certificate was revoked.")
        ]),
        MemoryMetrics.group,
    ]

    /// The value of the label `reporter`.
    package static func reporter(_ direction: ConnectionSummary.Direction) -> String {
        direction == .outbound ? "source" : "destination"
    }

    /// The values of T.
    package static func values(_ labels: LabelKey, _ service: Service?, flag: ResponseFlag) -> [String] {
        let source = labels.source
        let destination = labels.destination
        let places = [source.region, source.zone, destination.region, destination.zone]
        return TrafficLabels.values(
            reporter: reporter(labels.direction), source: source, destination: destination, service: service)
            + ["tcp", flag.rawValue, labels.isMutualTLS ? "mutual_tls" : "unknown"] + places.map(TrafficLabels.known)
    }
}
