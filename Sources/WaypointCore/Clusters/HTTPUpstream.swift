import HTTPWire
import MeshRuntime
import NodeCore

/// One HTTP/1.1 connection to an endpoint, which carries one request at a time and then waits for the next. Confined to its loop.
final class HTTPUpstream {
    let channel: ByteChannel
    var http: HTTP1Connection
    /// Of its pool, when it was made.
    let epoch: Int
    /// Whether it has carried a request before.
    private(set) var isReused = false
    /// Whose request is on it; nil while it waits.
    weak var user: (any UpstreamUser)?
    /// It is of no more use. Called once, whoever ended it.
    var onClosed: (() -> Void)?
    private unowned let worker: WaypointWorker
    private var idleSince: MonotonicTime
    private let madeAt: MonotonicTime

    init(_ channel: ByteChannel, worker: WaypointWorker, exchanges: Int, epoch: Int) {
        self.channel = channel
        self.worker = worker
        self.epoch = epoch
        let now = worker.loop.now
        idleSince = now
        madeAt = now
        var configuration = HTTP1Configuration()
        configuration.webSocketSeed = worker.random.next()
        configuration.exchanges = exchanges == .max ? 0 : UInt64(max(exchanges, 0))
        http = HTTP1Connection(role: .client, configuration: configuration, now: now)
        channel.onBytes = { [weak self] bytes in self?.receive(bytes) }
        channel.onRoom = { [weak self] in self?.user?.upstreamHasRoom() }
        channel.onEnd = { [weak self] in self?.peerEnded() }
        channel.onLost = { [weak self] reason in self?.lost(reason) }
        channel.start()
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        var events = worker.takeEvents()
        defer { worker.giveEvents(&events) }
        _ = http.receive(bytes, now: worker.loop.now, events: &events)
        guard let user else {
            // Nobody asked for anything: what it says is not an answer to a later request.
            return lost("the endpoint sent bytes without being asked")
        }
        user.upstreamReceived(events, bytes)
    }

    private func peerEnded() {
        var events: [HTTP1Event] = []
        http.peerClosed(now: worker.loop.now, events: &events)
        // An end inside a response is what the transport did, not what the endpoint said.
        let isBroken = events.contains { if case .failed = $0 { true } else { false } }
        guard !isBroken, !events.isEmpty, let user else { return lost("the endpoint closed the connection") }
        user.upstreamReceived(events, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    private func lost(_ reason: String) {
        let last = user
        close()
        last?.upstreamLost(reason)
    }

    /// Sends what the connection has to say.
    func flush() {
        http.drainOutput { channel.send($0) }
        if http.hasEndedTunnel { channel.finish() }
    }

    /// Sends content; throws where it is longer than the head said.
    func send(_ bytes: UnsafeRawBufferPointer, endStream: Bool) throws(HTTP1WriteError) {
        let framing = try http.frameData(byteCount: bytes.count, endStream: endStream)
        HTTP1Framing.send(framing, bytes, to: channel)
        flush()
    }

    /// Sends all that has come of a request's content.
    func send(_ content: RequestContent) throws(HTTP1WriteError) {
        let isEnd = content.hasEnded && content.trailers == nil
        var failure: HTTP1WriteError?
        if isEnd || !content.bytes.isEmpty {
            content.bytes.withUnsafeBytes { bytes in
                do throws(HTTP1WriteError) {
                    try send(bytes, endStream: isEnd)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
        if let trailers = content.trailers { try send(trailers: trailers) }
    }

    /// Ends the request with trailers; those that cannot be written are left out, as the message must still end.
    func send(trailers: HTTPFieldBlock) throws(HTTP1WriteError) {
        let isWritten: Bool
        do throws(HTTP1WriteError) {
            try http.sendHeaders(trailers, endStream: true)
            isWritten = true
        } catch {
            isWritten = false
        }
        if !isWritten { try send(UnsafeRawBufferPointer(start: nil, count: 0), endStream: true) }
        flush()
    }

    /// The request is over: true if the connection can carry another.
    func rest() -> Bool {
        user = nil
        guard http.isIdle, !http.isClosing, channel.isOpen, channel.queuedBytes == 0 else { return false }
        isReused = true
        idleSince = worker.loop.now
        return true
    }

    func isIdle(longerThan limit: Duration?) -> Bool {
        guard let limit else { return false }
        return worker.loop.now - idleSince > limit
    }

    /// Whether it has been there for longer than the cluster allows.
    func isOlder(than limit: Duration?) -> Bool {
        guard let limit, limit > .zero else { return false }
        return worker.loop.now - madeAt >= limit
    }

    func close() {
        user = nil
        channel.close(reset: true)
        let body = onClosed
        onClosed = nil
        body?()
    }
}
