import HTTPWire
import MeshRuntime

/// A connection to an endpoint that carries requests, one or many at a time. Owned by its pool; confined to its loop.
class UpstreamConnection {
    final let channel: ByteChannel
    /// Of its pool, when it was made.
    final let epoch: Int
    /// It is of no more use. Called once, whoever ended it.
    final var onClosed: ((_ reason: String) -> Void)?
    /// Whether its pool has it among those that take requests.
    final var isListed = false
    final let worker: WaypointWorker
    private let madeAt: MonotonicTime
    /// When its last request ended.
    final var idleSince: MonotonicTime

    init(_ channel: ByteChannel, worker: WaypointWorker, epoch: Int) {
        self.channel = channel
        self.worker = worker
        self.epoch = epoch
        idleSince = worker.loop.now
        madeAt = idleSince
    }

    /// Whether one more request can begin now.
    var takesRequest: Bool { false }

    /// Whether no request is on it.
    var isUnused: Bool { true }

    /// Begins the use by one more request; nil where it takes none.
    func begin() -> (any UpstreamExchange)? { nil }

    final func isIdle(longerThan limit: Duration?) -> Bool {
        guard let limit, isUnused else { return false }
        return worker.loop.now - idleSince > limit
    }

    /// Whether it has been there for longer than the cluster allows.
    final func isOlder(than limit: Duration?) -> Bool {
        guard let limit, limit > .zero else { return false }
        return worker.loop.now - madeAt >= limit
    }

    /// Ends it, with whatever is on it.
    final func close(_ reason: String = "it is of no more use") {
        channel.close(reset: true)
        let body = onClosed
        onClosed = nil
        body?(reason)
    }
}
