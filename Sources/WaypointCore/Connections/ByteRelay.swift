import HTTPWire
import MeshModel
import MeshPolicy
import MeshRuntime
import MeshTelemetry
import NodeCore

/// Carries a client's bytes to an endpoint and back as they are, with half-close and backpressure. Confined to its loop.
final class ByteRelay {
    let worker: WaypointWorker
    let client: ClientFacts
    let startedAt: MonotonicTime
    /// Microseconds since 1970.
    let start = WallClock.microseconds()
    /// How it ended.
    private(set) var outcome = RequestOutcome()
    /// Bytes from the client.
    private(set) var received: UInt64 = 0
    /// Bytes to the client.
    private(set) var sent: UInt64 = 0
    /// The cluster's name in Istio's form; empty where there was none.
    private(set) var cluster = ""
    /// Where the bytes went; empty for nowhere.
    private(set) var upstreamHost = ""
    /// How many of those the metrics have.
    private var counted: (received: UInt64, sent: UInt64) = (0, 0)
    private let channel: ByteChannel
    private var upstream: ByteChannel?
    /// Counts as a connection of its cluster until the relay is over.
    private var attempt: ConnectionAttempt?
    /// What came before the endpoint was there; it is not credited, so the client's window bounds it.
    private var waiting: [UInt8] = []
    private var hasEnded = false
    private var upstreamHasEnded = false
    private var owed = 0
    private var upstreamOwed = 0
    /// When bytes have moved last.
    private var moved: MonotonicTime
    private var idle: TimerID?
    private var end: TimerID?
    private var onOver: (() -> Void)?

    init(worker: WaypointWorker, channel: ByteChannel, client: ClientFacts) {
        self.worker = worker
        self.channel = channel
        self.client = client
        startedAt = worker.loop.now
        moved = startedAt
    }

    func begin(
        with first: [UInt8], hasEnded: Bool, hello: AskedServer = .unknown, onOver: @escaping () -> Void
    ) {
        waiting = first
        received = UInt64(first.count)
        self.hasEnded = hasEnded
        self.onOver = onOver
        worker.relays[ObjectIdentifier(self)] = self
        channel.onBytes = { [self] bytes in
            received += UInt64(bytes.count)
            moved = worker.loop.now
            guard let upstream else { return waiting.append(contentsOf: bytes) }
            upstream.send(bytes)
            if upstream.queuedBytes == 0 { channel.credit(bytes.count) } else { owed += bytes.count }
        }
        channel.onEnd = { [self] in
            self.hasEnded = true
            upstream?.finish()
            finishIfOver()
        }
        channel.onRoom = { [self] in
            upstream?.credit(upstreamOwed)
            upstreamOwed = 0
            finishIfOver()
        }
        channel.onLost = { [self] _ in
            upstream?.close(reset: true)
            over(.downstreamClosed)
        }
        let attempt = ConnectionAttempt(worker: worker, client: client, hello: hello) { [self] result in
            switch result {
            case .failure(let failure):
                channel.close(reset: true)
                let flag = self.attempt?.refusal ?? (failure.isRetryable ? .upstreamFailure : .noHealthyUpstream)
                over(flag, failure.message)
            case .success(let upstream): connected(upstream)
            }
        }
        self.attempt = attempt
        attempt.begin()
    }

    private func connected(_ upstream: ByteChannel) {
        self.upstream = upstream
        if let reached = attempt?.reached {
            client.telemetry.connectionOpened(at: reached.workload, of: attempt?.calledService)
            upstreamHost = reached.host ?? ""
        }
        upstream.onBytes = { [self] bytes in
            sent += UInt64(bytes.count)
            moved = worker.loop.now
            channel.send(bytes)
            if channel.queuedBytes == 0 { upstream.credit(bytes.count) } else { upstreamOwed += bytes.count }
        }
        upstream.onEnd = { [self] in
            upstreamHasEnded = true
            channel.finish()
            finishIfOver()
        }
        upstream.onRoom = { [self] in
            channel.credit(owed)
            owed = 0
            finishIfOver()
        }
        upstream.onLost = { [self] _ in
            channel.close(reset: true)
            over(.upstreamClosed)
        }
        if let limits = attempt?.cluster?.policy.limits { bound(limits) }
        upstream.start()
        waiting.withUnsafeBytes { upstream.send($0) }
        channel.credit(waiting.count)
        waiting = []
        if hasEnded { upstream.finish() }
    }

    /// Counts what has moved since the last time.
    func countProgress() {
        guard upstream != nil else { return }
        let new = takeUncounted()
        guard new != (0, 0) else { return }
        client.telemetry.connectionProgressed(
            at: attempt?.reached?.workload, of: attempt?.calledService, received: new.received, sent: new.sent)
    }

    /// The bytes that the metrics do not have yet, which they get now.
    private func takeUncounted() -> (received: UInt64, sent: UInt64) {
        defer { counted = (received, sent) }
        return (received - counted.received, sent - counted.sent)
    }

    /// Ends the connection when its time is over, or when nothing has moved on it for as long as the cluster allows.
    private func bound(_ limits: ClusterLimits) {
        if let limit = limits.connectionDuration, limit > .zero {
            end = worker.loop.schedule(after: limit) { [self] in
                end = nil
                cut("it has lasted \(DurationText.text(limit))")
            }
        }
        if let limit = limits.tcpIdleTimeout { watchIdle(limit, limit) }
    }

    private func watchIdle(_ limit: Duration, _ rest: Duration) {
        idle = worker.loop.schedule(after: rest) { [self] in
            idle = nil
            let quiet = worker.loop.now - moved
            guard quiet < limit else { return cut("nothing has moved for \(DurationText.text(limit))") }
            watchIdle(limit, limit - quiet)
        }
    }

    private func cut(_ reason: String) {
        upstream?.close(reset: false)
        channel.close(reset: false)
        over([], reason)
    }

    private func cancelTimers() {
        for timer in [idle, end] { if let timer { worker.loop.cancel(timer) } }
        idle = nil
        end = nil
    }

    private func finishIfOver() {
        guard let upstream, upstreamHasEnded, channel.queuedBytes == 0, upstream.queuedBytes == 0 else { return }
        // An endpoint that has said all, and takes no more, makes the client's end needless.
        guard hasEnded || !upstream.isOpen else { return }
        upstream.close(reset: false)
        channel.close(reset: false)
        over()
    }

    private func over(_ flags: ResponseFlags = [], _ failure: String = "") {
        guard onOver != nil else { return }
        worker.relays[ObjectIdentifier(self)] = nil
        cancelTimers()
        outcome.flags = flags
        cluster = attempt?.cluster?.carriedName ?? ""
        let new = takeUncounted()
        // What reaches nobody is opened, too, as Istio counts: or more would be closed than opened.
        if attempt?.reached == nil { client.telemetry.connectionOpened(at: nil, of: attempt?.calledService) }
        client.telemetry.connectionEnded(
            outcome, at: attempt?.reached?.workload, of: attempt?.calledService, received: new.received, sent: new.sent)
        RequestLog(self, failure: failure).write(to: worker)
        attempt?.cancel()
        attempt = nil
        let body = onOver
        onOver = nil
        body?()
    }
}
