/// Bounds of the data path, each per worker. A bound that is reached refuses new work, counts it under
/// `ambit_limit_rejections_total{limit="..."}` and leaves existing connections alone.
package struct DataPlaneLimits: Sendable {
    /// Connections held at once: captured, inbound tunnels and plaintext together (`connections`). AMBIT_MAX_CONNECTIONS
    package var connections = 65_536
    /// TLS handshakes that have begun and not ended, as server (`handshakes`); how they are shared: `HandshakePlaces`
    /// (`handshakes_per_source`).
    package var handshakes = 1_024
    /// Bytes that one side has sent and the other has not taken yet, of all connections. Kept by back pressure: windows are granted out
    /// of it (`HeldMemory`), so the more is held the less comes in. Beyond it go only the leasts of more connections than have
    /// room in half of it; then a waypoint takes no tunnel and no stream (`held_bytes`). AMBIT_MAX_HELD_BYTES is for all workers.
    package var heldBytes = 256 << 20
    /// Streams of captured connections that wait for one tunnel key to be dialled (`waiting_streams`).
    package var waitersPerTunnelKey = 8_192
    /// Tunnels of one key that are dialled at once, when more wait than one tunnel will take.
    package var dialsPerKey = 4
    /// Connections that wait for the workload's record or certificate to arrive (`waiting_connections`).
    package var waitingConnections = 1_024
    /// Tunnels that one key may hold open at once (`tunnels_per_key`).
    package var tunnelsPerKey = 1_024
    /// Streams that one pooled tunnel carries at once; the peer's SETTINGS may lower it (Z 2.5).
    package var streamsPerTunnel = 100
    /// Endpoints of a service tried before the client sees an error.
    package var connectAttempts = 3
    /// Descriptors that connections may take, of the whole process (`descriptors`).
    package var descriptors = DescriptorBudget.unlimited
    /// Endpoints remembered as failed at once (`ejected_endpoints`).
    package var ejectedEndpoints = 1_024
    /// Addresses of one host name that are endpoints; the rest is not used (`addresses_per_name`).
    package var addressesPerName = 64

    /// The defaults.
    package init() {}
}
