import HTTPWire
import MeshRuntime

/// A client's HTTP/1.1 connection: its requests, one after the other, each to an endpoint of its own choice.
///
/// Content passes through in both directions as it arrives; what the receiving side does not take yet is not credited to the sending
/// one. Confined to its loop.
final class HTTP1Exchange: ResponseSink {
    private let worker: WaypointWorker
    private let channel: ByteChannel
    // The properties marked unchecked are changed by nothing that leads back to them (docs/design/bench.md).
    @exclusivity(unchecked) private var intake: RequestIntake
    @exclusivity(unchecked) private var http: HTTP1Connection
    private var request: RequestFlow?
    /// Bytes of later requests, which wait for the response to this one, and for the client to take it.
    @exclusivity(unchecked) private var held: [UInt8] = []
    /// How much of `held` has been read.
    private var heldStart = 0
    /// Bytes of heads and content that the channel has got.
    @exclusivity(unchecked) private var written = 0
    private var clientHasEnded = false
    private var hasToldEnd = false
    @exclusivity(unchecked) private var timer: (id: TimerID, at: MonotonicTime)?
    /// Held requests are read on in the loop's next turn.
    private var continuation: TimerID?
    private var isFinishing = false
    private var isAborted = false
    /// The next answer is the last one.
    private var drains = false
    /// Events of the client's are being handled: what they lead to is done after the last of them.
    private var isTaking = false
    private var onOver: (() -> Void)?
    /// How long a connection without a request is left open when the worker drains: a request may be on its way, and the answer to
    /// that says that it was the last one (RFC 9112 section 9.6).
    static let drainPatience: Duration = .seconds(1)
    /// Held requests that are read in one turn of the loop: those that no endpoint answers are done at once, and starve nobody.
    private static let requestsPerTurn = 32

    init(worker: WaypointWorker, channel: ByteChannel, client: ClientFacts) {
        self.worker = worker
        self.channel = channel
        intake = RequestIntake(worker: worker, client: client, version: .http1)
        var configuration = HTTP1Configuration()
        if client.entrance?.isHTTPS == true { configuration.scheme = .https }
        http = HTTP1Connection(role: .server, configuration: configuration, now: worker.loop.now)
    }

    func begin(with first: [UInt8], onOver: @escaping () -> Void) {
        self.onOver = onOver
        worker.draining[ObjectIdentifier(self)] = { [unowned self] in drain() }
        if worker.isDraining { drain() }
        channel.onBytes = { [self] bytes in received(bytes) }
        channel.onEnd = { [self] in
            clientHasEnded = true
            turn()
        }
        channel.onRoom = { [self] in
            request?.clientHasRoom()
            turn()
        }
        channel.onLost = { [self] _ in
            request?.clientLost(.downstreamClosed, status: 0)
            over()
        }
        first.withUnsafeBytes { received($0) }
    }

    // MARK: from the client

    private func received(_ bytes: UnsafeRawBufferPointer) {
        guard held.isEmpty, mayRead else { return hold(bytes) }
        let taken = offer(bytes)
        if taken < bytes.count { hold(UnsafeRawBufferPointer(rebasing: bytes[taken...])) }
        turn()
    }

    /// What is held is not credited: the client's window bounds it.
    private func hold(_ bytes: UnsafeRawBufferPointer) {
        if heldStart > 0 {
            held.removeFirst(heldStart)
            heldStart = 0
        }
        held.append(contentsOf: bytes)
    }

    /// A client that does not take its responses gets no further ones made.
    private var mayRead: Bool { http.wantsInput && (request != nil || !hasBacklog) }

    /// Reads on in what is held, in the order in which it came.
    private func readHeld() {
        var left = Self.requestsPerTurn
        while !held.isEmpty, mayRead, !http.isClosing {
            guard left > 0 else { return readOnLater() }
            left -= 1
            let bytes = held
            let start = heldStart
            let taken = bytes.withUnsafeBytes { offer(UnsafeRawBufferPointer(rebasing: $0[start...])) }
            heldStart += taken
            if heldStart == held.count {
                held = []
                heldStart = 0
            }
            flush()
        }
    }

    private func readOnLater() {
        guard continuation == nil else { return }
        continuation = worker.loop.schedule(after: .zero) { [self] in
            continuation = nil
            turn()
        }
    }

    /// The end of what the client sends comes after what is held.
    private func tellEnd() {
        guard clientHasEnded, held.isEmpty, !hasToldEnd else { return }
        hasToldEnd = true
        var events: [HTTP1Event] = []
        http.peerClosed(now: worker.loop.now, events: &events)
        take(&events, UnsafeRawBufferPointer(start: nil, count: 0))
        flush()
    }

    /// Returns how many bytes were taken.
    private func offer(_ bytes: UnsafeRawBufferPointer) -> Int {
        var events = worker.http1Events.take()
        defer { worker.http1Events.give(&events) }
        let taken = http.receive(bytes, now: worker.loop.now, events: &events)
        var content = 0
        for event in events {
            if case .data(let range, _) = event { content += range.count }
        }
        channel.credit(taken - content)
        take(&events, bytes)
        return taken
    }

    private func take(_ events: inout [HTTP1Event], _ bytes: UnsafeRawBufferPointer) {
        isTaking = true
        defer { isTaking = false }
        for index in events.indices {
            switch events.takeOut(index) {
            case .headers(let head, let endStream): start(head, endStream)
            case .data(let range, let endStream):
                guard let request else {
                    channel.credit(range.count)
                    continue
                }
                request.received(UnsafeRawBufferPointer(rebasing: bytes[range]), endStream: endStream)
            case .trailers(let fields): request?.received(trailers: fields)
            case .failed(let error): request?.clientLost(.downstreamProtocolError, status: error.status)
            }
        }
    }

    private func start(_ head: consuming HTTPFieldBlock, _ endStream: Bool) {
        if drains { http.drain() }
        let incoming = intake.make(head, endStream: endStream, sink: self)
        request = incoming.request
        incoming.begin()
    }

    /// Takes one more request at most: the answer to it, or to the present one, says so. Where none comes the connection ends.
    private func drain() {
        drains = true
        if request != nil { return http.drain() }
        worker.loop.schedule(after: Self.drainPatience) { [weak self] in
            guard let self, onOver != nil, request == nil, held.isEmpty else { return }
            http.drain()
            turn()
        }
    }

    // MARK: to the client

    func send(head: HTTPFieldBlock, endStream: Bool) -> Bool {
        do throws(HTTP1WriteError) {
            try http.sendHeaders(head, endStream: endStream)
        } catch {
            return false
        }
        flush()
        return true
    }

    func send(content: UnsafeRawBufferPointer, endStream: Bool) -> Bool {
        do throws(HTTP1WriteError) {
            written &+= content.count
            HTTP1Framing.send(
                try http.frameData(byteCount: content.count, endStream: endStream), content, to: channel)
        } catch {
            return false
        }
        return true
    }

    func send(trailers: HTTPFieldBlock) {
        // Trailers that cannot be written are left out; the message must still end.
        if !send(head: trailers, endStream: true) {
            _ = send(content: UnsafeRawBufferPointer(start: nil, count: 0), endStream: true)
        }
    }

    func abort() {
        isAborted = true
        http.abort()
        channel.close(reset: true)
    }

    var hasBacklog: Bool { channel.queuedBytes > 0 }
    var progress: ClientProgress { .ofConnection(written &- channel.untakenBytes) }

    func credit(_ count: Int) {
        if count > 0 { channel.credit(count) }
    }

    func ended(_ request: RequestFlow) {
        if self.request === request { self.request = nil }
    }

    // MARK: turns

    private func flush() {
        if http.hasOutput {
            // Writing may find the other end gone, which leads back here.
            var output = http.takeOutput()
            written &+= output.count
            output.withUnsafeBytes { channel.send($0) }
            http.reuse(&output)
        }
        if http.hasEndedTunnel { channel.finish() }
    }

    /// Sends what is to be said, reads on where that has become possible, and ends where nothing more can come.
    func turn() {
        guard onOver != nil, !isTaking else { return }
        if isAborted { return over() }
        guard !isFinishing else { return }
        flush()
        readHeld()
        tellEnd()
        if isAborted { return over() }
        if http.isClosing || hasToldEnd && request == nil { return close() }
        watch()
    }

    /// A timer that goes off too early is set again then: so a connection in steady use sets one once in a while, not per request.
    private func watch() {
        guard let deadline = http.nextDeadline else { return }
        if let timer {
            guard deadline < timer.at else { return }
            worker.loop.cancel(timer.id)
        }
        let id = worker.loop.schedule(at: deadline) { [self] in
            timer = nil
            var events: [HTTP1Event] = []
            http.deadlineReached(now: worker.loop.now, events: &events)
            take(&events, UnsafeRawBufferPointer(start: nil, count: 0))
            turn()
        }
        timer = (id, deadline)
    }

    /// Ends after the last byte has left.
    private func close() {
        request?.clientLost(.downstreamClosed, status: 0)
        guard !isFinishing else { return }
        isFinishing = true
        stopTimers()
        worker.end(channel) { [self] in over() }
    }

    private func stopTimers() {
        if let timer { worker.loop.cancel(timer.id) }
        timer = nil
        if let continuation { worker.loop.cancel(continuation) }
        continuation = nil
    }

    private func over() {
        worker.draining[ObjectIdentifier(self)] = nil
        stopTimers()
        let body = onOver
        onOver = nil
        body?()
    }
}
