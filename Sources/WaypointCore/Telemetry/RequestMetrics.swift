import MeshModel
import MeshTelemetry
import NodeCore

/// The metrics of what a waypoint forwards: what each worker's shard is made of (I 7.1).
enum RequestMetrics {
    /// Istio's buckets, in milliseconds and in bytes.
    static let bounds: [Double] = [
        0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
        3_600_000,
    ]

    /// Places of the groups in a shard.
    enum Group {
        static let requests = 0
        static let connections = 1
        static let limits = 2
        static let names = 3
        static let messages = 4
        static let memory = 5
    }

    /// Places of the families in the group of gRPC messages.
    enum MessageFamily {
        static let requests = 0
        static let responses = 1
    }

    /// Places of the families in the group of connections that are no HTTP.
    enum ConnectionFamily {
        static let opened = 0
        static let closed = 1
        static let received = 2
        static let sent = 3
    }

    /// The groups of every worker's shard.
    static let groups = [
        MetricGroup(
            labelNames: TrafficLabels.names + [
                "request_protocol", "response_code", "grpc_response_status", "response_flags",
                "connection_security_policy",
            ],
            counted: .counter(MetricNames.requests, "Requests that were answered."),
            // In the order in which RequestTelemetry.count has their values.
            observed: [
                histogram(MetricNames.requestDuration, "Milliseconds that requests took."),
                histogram(MetricNames.requestBytes, "Bytes of requests' contents."),
                histogram(MetricNames.responseBytes, "Bytes of answers' contents."),
            ]),
        MetricGroup(
            labelNames: TrafficLabels.names + ["request_protocol", "response_flags", "connection_security_policy"],
            families: [
                .counter(MetricNames.connectionsOpened, "TCP connections opened."),
                .counter(MetricNames.connectionsClosed, "TCP connections closed."),
                .counter(MetricNames.receivedBytes, "Bytes received from clients of TCP connections."),
                .counter(MetricNames.sentBytes, "Bytes sent to clients of TCP connections."),
            ]),
        MetricGroup(
            labelNames: ["limit"],
            families: [.counter(MetricNames.limitRejections, "New work refused because a bound was reached.")]),
        MetricGroup(
            labelNames: ["result"],
            families: [.counter(MetricNames.nameLookups, "Host names of endpoints that were asked for.")]),
        // Without what only the end of a call says: the messages of an open stream count as they come.
        MetricGroup(
            labelNames: TrafficLabels.names + ["request_protocol", "connection_security_policy"],
            families: [
                .counter(MetricNames.requestMessages, "gRPC messages from clients."),
                .counter(MetricNames.responseMessages, "gRPC messages to clients."),
            ]),
        MemoryMetrics.group,
    ]

    private static func histogram(_ name: String, _ help: String) -> MetricFamily {
        MetricFamily(name: name, help: help, kind: .histogram(bounds: bounds))
    }
}
