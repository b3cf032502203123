package import MeshModel
package import NodeCore

/// What tells two sets of labels apart.
package struct LabelKey: Hashable {
    /// Which side of the workload.
    package let direction: ConnectionSummary.Direction
    /// The client.
    package let source: TelemetryEnd
    /// The server.
    package let destination: TelemetryEnd
    /// The service that was addressed.
    package let service: ServiceName?
    /// Whether both ends proved their identities.
    package let isMutualTLS: Bool

    /// Makes a key.
    package init(
        direction: ConnectionSummary.Direction, source: TelemetryEnd, destination: TelemetryEnd, service: ServiceName?,
        isMutualTLS: Bool
    ) {
        self.direction = direction
        self.source = source
        self.destination = destination
        self.service = service
        self.isMutualTLS = isMutualTLS
    }
}
