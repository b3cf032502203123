/// The bounds of one listening port: what a peer that has proven nothing may cost.
package struct ConnectionLimits: Sendable, Hashable {
    /// Connections that are open at the same time. One more takes the place of the oldest that has proven nothing; where all
    /// have proven who they are, it is closed at once.
    package var maximumConnections: Int
    /// Connections that have proven nothing yet: no client certificate, or no request where none is asked for. One more
    /// takes the place of the oldest, so that a flood of silent ones does not keep others out.
    package var maximumUnproven: Int
    /// How long a connection may take to prove who it is.
    package var proofDeadline: Duration
    /// How long a connection may have no request under way, and how long the head of a request may take.
    package var idleDeadline: Duration
    /// How long the body of a request may take.
    package var bodyDeadline: Duration

    /// The defaults: 4,096 and 256 connections, 10 seconds, 2 minutes, 30 seconds.
    package init(
        maximumConnections: Int = 4_096, maximumUnproven: Int = 256, proofDeadline: Duration = .seconds(10),
        idleDeadline: Duration = .seconds(120), bodyDeadline: Duration = .seconds(30)
    ) {
        self.maximumConnections = maximumConnections
        self.maximumUnproven = maximumUnproven
        self.proofDeadline = proofDeadline
        self.idleDeadline = idleDeadline
        self.bodyDeadline = bodyDeadline
    }

    /// The resource API, port 6443.
    package static let api = ConnectionLimits()
    /// Nodes, port 15012: one connection a node, and some that are being replaced.
    package static let nodes = ConnectionLimits(maximumConnections: 12_000, idleDeadline: .seconds(300))
    /// Metrics and health, port 15014: anybody may ask, so nobody stays long.
    package static let metrics = ConnectionLimits(
        maximumConnections: 256, maximumUnproven: 64, idleDeadline: .seconds(10))
}
