import HTTPWire
import MeshModel
import MeshPolicy
import MeshRuntime
import NodeCore

/// One HTTP/2 connection to an endpoint. It takes requests once the endpoint's SETTINGS are there: then the limits are known, and that
/// the endpoint speaks HTTP/2 at all. Confined to its loop.
final class HTTP2Upstream: UpstreamConnection {
    /// Content of one response that may be on its way, in bytes.
    private static let streamWindow = 1 << 20
    /// Content of all responses that may be on its way, in bytes.
    private static let connectionWindow = 4 << 20

    let session: HTTP2Session
    /// The endpoint has said what it allows.
    private(set) var isReady = false
    private let timeout: Duration
    private let limit: Int
    /// Requests that it may still carry.
    private var left: Int
    private var active = 0
    private var timer: TimerID?

    init(_ channel: ByteChannel, worker: WaypointWorker, limits: ClusterLimits, epoch: Int) {
        var configuration = HTTP2Configuration()
        configuration.initialStreamWindow = Self.streamWindow
        configuration.connectionWindow = Self.connectionWindow
        configuration.keepAlivePing = limits.http2Keepalive.map {
            HTTP2KeepAlive(interval: $0.interval ?? .seconds(10), timeout: $0.timeout ?? .seconds(20))
        }
        session = HTTP2Session(channel, worker: worker, role: .client, configuration: configuration)
        limit = limits.concurrentStreams
        left = limits.requestsPerConnection
        timeout = limits.connectTimeout
        super.init(channel, worker: worker, epoch: epoch)
    }

    /// Begins to speak; `onReady` is called once, unless `onClosed` is before.
    func begin(onReady: @escaping () -> Void) {
        timer = worker.loop.schedule(after: timeout) { [weak self] in
            guard let self else { return }
            timer = nil
            session.close("no SETTINGS within \(DurationText.text(timeout))")
        }
        session.onSettings = { [weak self] in
            guard let self, !isReady else { return }
            isReady = true
            cancelTimer()
            onReady()
        }
        session.onChange = { [weak self] in
            guard let self, isReady, isUnused, session.isGoingAway else { return }
            close("the endpoint is going away")
        }
        session.onClosed = { [weak self] reason in
            guard let self else { return }
            cancelTimer()
            close(reason)
        }
        channel.start()
        session.begin()
    }

    private func cancelTimer() {
        if let timer { worker.loop.cancel(timer) }
        timer = nil
    }

    override var takesRequest: Bool {
        isReady && left > 0 && active < min(limit, session.streamLimit) && session.canOpen
    }

    override var isUnused: Bool { active == 0 }

    override func begin() -> (any UpstreamExchange)? {
        guard takesRequest else { return nil }
        active += 1
        if left != .max { left -= 1 }
        return HTTP2UpstreamStream(self)
    }

    /// A request's use of it is over.
    func ended() {
        active -= 1
        idleSince = worker.loop.now
    }
}
