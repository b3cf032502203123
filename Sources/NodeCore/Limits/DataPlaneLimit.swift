/// The names of the bounds of `DataPlaneLimits`, as the label `limit` of `ambit_limit_rejections_total` shows them.
package enum DataPlaneLimit: String, Sendable, CaseIterable {
    /// `DataPlaneLimits.connections`
    case connections
    /// `DataPlaneLimits.descriptors`
    case descriptors
    /// `DataPlaneLimits.handshakes`
    case handshakes
    /// A source's share of `DataPlaneLimits.handshakes`, see `HandshakePlaces`
    case handshakesPerSource = "handshakes_per_source"
    /// `DataPlaneLimits.heldBytes`
    case heldBytes = "held_bytes"
    /// `DataPlaneLimits.waitersPerTunnelKey`
    case waitingStreams = "waiting_streams"
    /// `DataPlaneLimits.waitingConnections`
    case waitingConnections = "waiting_connections"
    /// `DataPlaneLimits.tunnelsPerKey`
    case tunnelsPerKey = "tunnels_per_key"
    /// `DataPlaneLimits.ejectedEndpoints`
    case ejectedEndpoints = "ejected_endpoints"
    /// `DataPlaneLimits.addressesPerName`
    case addressesPerName = "addresses_per_name"
    /// `EventLoop.outputPatience`: a connection that is over is reset, as its client takes nothing of its last bytes
    case unreadOutput = "unread_output"
    /// AMBIT_REQUEST_IDLE_TIMEOUT: a response is broken off, as its client takes nothing of it
    case stalledResponse = "stalled_response"
}
