/// What the metrics page shows of the connection with the node agent.
package struct ZDSCounters: Equatable, Sendable {
    /// Whether the agent is connected and has sent its snapshot.
    package var isSynchronised = false
    /// Workloads that the agent gave and that are served.
    package var served = 0
    /// Workloads that the agent gave and that cannot be served now.
    package var pending = 0
    /// Workloads begun to be served since the start.
    package var started: UInt64 = 0
    /// Workloads no longer served since the start.
    package var stopped: UInt64 = 0
    /// Connections that could not be made, or that ended.
    package var disconnections: UInt64 = 0
    /// Requests that broke the protocol; each ended its connection.
    package var violations: UInt64 = 0
    /// Requests about one workload that were answered with an error.
    package var refusals: UInt64 = 0

    /// Nothing counted.
    package init() {}
}
