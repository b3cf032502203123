import HTTPWire
import MeshRuntime
import NodeCore

/// One HTTP/1.1 connection to an endpoint, which carries one request at a time and then waits for the next. Confined to its loop.
final class HTTP1Upstream: UpstreamConnection, UpstreamExchange {
    // The properties marked unchecked are changed by nothing that leads back to them (docs/design/bench.md).
    @exclusivity(unchecked) var user: (any UpstreamUser)?
    @exclusivity(unchecked) private var http: HTTP1Connection
    /// Whether it has carried a request before.
    private var isReused = false
    private var isTaken = false

    init(_ channel: ByteChannel, worker: WaypointWorker, exchanges: Int, epoch: Int) {
        var configuration = HTTP1Configuration()
        configuration.webSocketSeed = worker.random.next()
        configuration.exchanges = exchanges == .max ? 0 : UInt64(max(exchanges, 0))
        http = HTTP1Connection(role: .client, configuration: configuration, now: worker.loop.now)
        super.init(channel, worker: worker, epoch: epoch)
        // Until the channel is closed, which its pool sees to.
        channel.onBytes = { [self] bytes in receive(bytes) }
        channel.onRoom = { [self] in user?.upstreamHasRoom() }
        channel.onEnd = { [self] in peerEnded() }
        channel.onLost = { [self] reason in lost(reason) }
        channel.start()
    }

    override var takesRequest: Bool {
        !isTaken && http.isIdle && !http.isClosing && channel.isOpen && channel.queuedBytes == 0
    }

    override var isUnused: Bool { !isTaken }

    override func begin() -> (any UpstreamExchange)? {
        guard takesRequest else { return nil }
        isTaken = true
        return self
    }

    // MARK: the use by a request

    var connection: UpstreamConnection { self }
    var canSendContent: Bool { http.canSendData }
    var queuedBytes: Int { channel.queuedBytes }

    func send(head: HTTPFieldBlock, endStream: Bool) throws(UpstreamWriteError) {
        do throws(HTTP1WriteError) {
            try http.sendHeaders(head, endStream: endStream)
        } catch {
            throw UpstreamWriteError(error)
        }
        flush()
    }

    func send(_ bytes: UnsafeRawBufferPointer, endStream: Bool) throws(UpstreamWriteError) {
        do throws(HTTP1WriteError) {
            let framing = try http.frameData(byteCount: bytes.count, endStream: endStream)
            HTTP1Framing.send(framing, bytes, to: channel)
        } catch {
            throw UpstreamWriteError(error)
        }
        flush()
    }

    func send(trailers: HTTPFieldBlock) throws(UpstreamWriteError) {
        do throws(UpstreamWriteError) {
            try send(head: trailers, endStream: true)
        } catch {
            try send(UnsafeRawBufferPointer(start: nil, count: 0), endStream: true)
        }
    }

    func credit(_ count: Int) { channel.credit(count) }

    func end(isComplete: Bool) {
        user = nil
        isReused = true
        idleSince = worker.loop.now
        // One whose exchange was cut off takes no other: it stays taken, and its pool closes it.
        isTaken = false
        if !isComplete { http.abort() }
    }

    private func flush() {
        if http.hasOutput {
            // Writing may find the other end gone, which leads back here.
            var output = http.takeOutput()
            output.withUnsafeBytes { channel.send($0) }
            http.reuse(&output)
        }
        if http.hasEndedTunnel { channel.finish() }
    }

    // MARK: from the endpoint

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        var events = worker.http1Events.take()
        defer { worker.http1Events.give(&events) }
        _ = http.receive(bytes, now: worker.loop.now, events: &events)
        guard let user else {
            // Nobody asked for anything: what it says is not an answer to a later request.
            return lost("the endpoint sent bytes without being asked")
        }
        deliver(&events, bytes, to: user)
    }

    private func deliver(_ events: inout [HTTP1Event], _ bytes: UnsafeRawBufferPointer, to user: any UpstreamUser) {
        var held = 0
        for index in events.indices where self.user === user {
            switch events.takeOut(index) {
            case .headers(let head, let endStream): user.upstreamResponded(head, endStream: endStream)
            case .data(let range, let endStream):
                let hasLeft = user.upstreamReceived(
                    UnsafeRawBufferPointer(rebasing: bytes[range]), endStream: endStream)
                if !hasLeft { held += range.count }
            case .trailers(let fields): user.upstreamReceived(trailers: fields)
            case .failed(let error):
                user.upstreamBroke(.protocolError("the endpoint sent what is no HTTP/1.1: \(error)"))
            }
        }
        let passed = bytes.count - held
        if passed > 0, channel.isOpen { channel.credit(passed) }
        user.upstreamTurned()
    }

    private func peerEnded() {
        var events: [HTTP1Event] = []
        http.peerClosed(now: worker.loop.now, events: &events)
        // An end inside a response is what the transport did, not what the endpoint said.
        let isBroken = events.contains { if case .failed = $0 { true } else { false } }
        guard !isBroken, !events.isEmpty, let user else { return lost("the endpoint closed the connection") }
        deliver(&events, UnsafeRawBufferPointer(start: nil, count: 0), to: user)
    }

    private func lost(_ reason: String) {
        let last = user
        user = nil
        let isUnseen = isReused && !http.hasResponseBegun
        close(reason)
        last?.upstreamBroke(isUnseen ? .unseen(reason) : .lost(reason))
        last?.upstreamTurned()
    }
}
