package import HTTPWire

/// Carries bytes both ways between two ends until both have ended, with half-close, resets and backpressure carried through.
///
/// Confined to its loop; keeps both ends alive and is kept alive by them. It holds no buffer: bytes pass through the worker's, and
/// what an end does not take waits in that end's backlog, bounded by the stream's window or by one read.
package class Relay: TCPConsumer {
    /// Bytes read from the first side so far.
    package fileprivate(set) final var bytesFromFirst: UInt64 = 0
    /// Bytes that came from the second side so far.
    package fileprivate(set) final var bytesFromSecond: UInt64 = 0
    /// When it started.
    package final let startedAt: MonotonicTime
    final let loop: EventLoop
    final var progress = RelayProgress()
    private final var onEnd: ((RelayReport) -> Void)?
    private final var starting = true

    init(_ loop: EventLoop, _ onEnd: @escaping (RelayReport) -> Void) {
        self.loop = loop
        self.onEnd = onEnd
        startedAt = loop.now
    }

    /// Relays between a TCP connection and a stream. `onEnd` is called exactly once, never before this call returns. Both ends belong to
    /// the relay from now on.
    package static func start(
        _ tcp: TCPConnection, _ stream: TunnelStream, onEnd: @escaping (RelayReport) -> Void
    ) -> Relay {
        let relay = StreamRelay(tcp, stream, onEnd)
        relay.begin()
        relay.starting = false
        return relay
    }

    /// Relays between two TCP connections.
    package static func start(
        _ first: TCPConnection, _ second: TCPConnection, onEnd: @escaping (RelayReport) -> Void
    ) -> Relay {
        let relay = TCPRelay(first, second, onEnd)
        relay.begin()
        relay.starting = false
        return relay
    }

    /// Ends both sides now: with RST if `reset`, so that neither takes the rest for complete, else with an orderly end.
    package func terminate(reset: Bool) {}

    final var isOver: Bool { onEnd == nil }

    final func count(_ bytes: Int, from side: RelaySide) {
        if side == .first {
            bytesFromFirst &+= UInt64(truncatingIfNeeded: bytes)
        } else {
            bytesFromSecond &+= UInt64(truncatingIfNeeded: bytes)
        }
    }

    /// Reports the end, once.
    final func finish(_ outcome: RelayReport.Outcome) {
        guard let body = onEnd else { return }
        onEnd = nil
        let report = RelayReport(
            bytesFromFirst: bytesFromFirst, bytesFromSecond: bytesFromSecond, outcome: outcome,
            duration: loop.now - startedAt)
        if starting {
            loop.schedule(after: .zero) { body(report) }
        } else {
            body(report)
        }
    }
}
