package import HTTPWire
package import LinuxSystem
import MeshRuntime
package import NodeCore

/// One connection that this node carries for a workload, from accept to its access-log line.
///
/// There is one object per connection, and it is small, because ten thousand idle ones are ordinary: names and labels are
/// behind one shared reference, and what is needed only while connecting is in `activity` and goes away with that phase.
/// Confined to its worker's loop; the table owns it.
package final class ProxiedConnection {
    /// The workload that it belongs to.
    package let server: WorkloadServer
    /// `src.addr`: who opened it.
    package let source: SocketAddress
    /// `dst.addr`: where it was going when it was accepted or captured.
    package let destination: SocketAddress
    /// Where this node sends it: the endpoint, or the application.
    package var target: SocketAddress
    /// Names and labels; shared by all connections between the same two workloads.
    package var labels: ConnectionLabels
    /// The identity that the peer of an inbound tunnel proved; nil in plaintext, and outbound.
    package let peer: PeerIdentity?
    /// The port or name of the CONNECT authority when it differs from `target`; for `dst.hbone_addr`.
    package var authority: String?
    /// When it was accepted.
    package let start: MonotonicTime
    /// What it is doing.
    package var activity = ConnectionActivity.none
    /// Set before a relay is terminated by this node: why.
    package var cause: ConnectionFailure?
    /// Bytes that the metrics already count, so that a scrape sees the bytes of live connections too.
    package var countedFromFirst: UInt64 = 0
    /// As `countedFromFirst`, of the other direction.
    package var countedFromSecond: UInt64 = 0
    /// Its slot in the table; the table's business.
    package var slot: Int32 = -1
    /// Whether the metrics have counted its opening.
    package var isCounted = false
    /// Which side of the workload it is on.
    package let direction: ConnectionSummary.Direction
    /// How it travels.
    package var transport: ConnectionSummary.Transport

    /// A connection that has just been accepted; `Worker.register` makes it live.
    package init(
        server: WorkloadServer, source: SocketAddress, destination: SocketAddress, peer: PeerIdentity?,
        direction: ConnectionSummary.Direction, transport: ConnectionSummary.Transport, labels: ConnectionLabels,
        now: MonotonicTime
    ) {
        self.server = server
        self.source = source
        self.destination = destination
        self.target = destination
        self.peer = peer
        self.direction = direction
        self.transport = transport
        self.labels = labels
        self.start = now
    }

    /// Ends the connection because of `failure`, whatever it is doing. Its line is written, and it leaves the table, either
    /// before this returns or when its relay reports.
    package func cut(_ failure: ConnectionFailure) {
        switch activity {
        case .none: break
        case .outbound(let attempt): attempt.fail(failure)
        case .inbound(let request): request.refuse(failure)
        case .passthrough(let attempt): attempt.fail(failure)
        case .relaying(let relay):
            cause = cause ?? failure
            relay.terminate(reset: true)
        }
    }
}
