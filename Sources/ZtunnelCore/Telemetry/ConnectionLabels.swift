package import MeshModel
package import MeshTelemetry
package import NodeCore

/// The names of one pair of workloads and its service, shared by all connections between them, with the row that counts
/// those which go well.
///
/// Confined to its worker. The row is held for as long as a connection, or the worker's cache, refers to this.
package final class ConnectionLabels {
    /// Which side of the workload.
    package let direction: ConnectionSummary.Direction
    /// The client.
    package let source: TelemetryEnd
    /// The server.
    package let destination: TelemetryEnd
    /// The service that was addressed.
    package let service: Service?
    /// Whether both ends proved their identities.
    package let isMutualTLS: Bool
    /// The row with the flag "-".
    package let row: MetricRow

    private let release: (MetricRow) -> Void

    /// Labels whose row is given back through `release`.
    package init(
        direction: ConnectionSummary.Direction, source: TelemetryEnd, destination: TelemetryEnd, service: Service?,
        isMutualTLS: Bool, row: MetricRow, release: @escaping (MetricRow) -> Void
    ) {
        self.direction = direction
        self.source = source
        self.destination = destination
        self.service = service
        self.isMutualTLS = isMutualTLS
        self.row = row
        self.release = release
    }

    deinit { release(row) }
}
