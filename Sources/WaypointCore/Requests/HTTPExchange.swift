import HTTPWire
import MeshModel
import MeshRuntime
import MeshTelemetry
import NodeCore

/// A client's HTTP/1.1 connection: its requests, one after the other, each to an endpoint of its own choice.
///
/// Content passes through in both directions as it arrives; what the receiving side does not take yet is not credited to the sending
/// one. Only what comes before the endpoint is connected is kept, bounded by the client's window. Confined to its loop.
final class HTTPExchange {
    /// One request under way.
    private final class Request {
        let head: HTTPFieldBlock
        let startedAt: MonotonicTime
        /// No content follows the head.
        let isBodiless: Bool
        var log = RequestLog()
        var attempt: UpstreamAttempt?
        var upstream: HTTPUpstream?
        /// Content that came before the endpoint was there.
        var waiting: [UInt8] = []
        var hasEnded = false
        var trailers: HTTPFieldBlock?
        var hasResponse = false
        var retries = 0

        init(_ head: HTTPFieldBlock, isBodiless: Bool, now: MonotonicTime) {
            self.head = head
            self.isBodiless = isBodiless
            startedAt = now
            hasEnded = isBodiless
        }
    }

    private let worker: WaypointWorker
    private let channel: ByteChannel
    private let client: ClientFacts
    private var http: HTTP1Connection
    private var request: Request?
    /// Bytes of later requests, which wait for the response to this one.
    private var held: [UInt8] = []
    private var clientHasEnded = false
    private var owedToClient = 0
    private var owedToUpstream = 0
    private var timer: TimerID?
    private var isFinishing = false
    private var onOver: (() -> Void)?

    init(worker: WaypointWorker, channel: ByteChannel, client: ClientFacts) {
        self.worker = worker
        self.channel = channel
        self.client = client
        http = HTTP1Connection(role: .server, now: worker.loop.now)
    }

    func begin(with first: [UInt8], onOver: @escaping () -> Void) {
        self.onOver = onOver
        channel.onBytes = { [self] bytes in received(bytes) }
        channel.onEnd = { [self] in
            clientHasEnded = true
            var events: [HTTP1Event] = []
            http.peerClosed(now: worker.loop.now, events: &events)
            for event in events { take(event, UnsafeRawBufferPointer(start: nil, count: 0)) }
            turn()
        }
        channel.onRoom = { [self] in
            request?.upstream?.channel.credit(owedToUpstream)
            owedToUpstream = 0
            turn()
        }
        channel.onLost = { [self] _ in
            if let request { end(request, flags: "DC", status: 0) }
            over()
        }
        first.withUnsafeBytes { received($0) }
    }

    // MARK: from the client

    private func received(_ bytes: UnsafeRawBufferPointer) {
        guard held.isEmpty, http.wantsInput else { return held.append(contentsOf: bytes) }
        offer(bytes)
        turn()
    }

    private func offer(_ bytes: UnsafeRawBufferPointer) {
        var events: [HTTP1Event] = []
        let taken = http.receive(bytes, now: worker.loop.now, events: &events)
        var content = 0
        for event in events {
            if case .data(let range, _) = event { content += range.count }
        }
        channel.credit(taken - content)
        if taken < bytes.count { held.append(contentsOf: bytes[taken...]) }
        for event in events { take(event, bytes) }
    }

    private func take(_ event: HTTP1Event, _ bytes: UnsafeRawBufferPointer) {
        switch event {
        case .headers(let head, let endStream): start(head, endStream)
        case .data(let range, let endStream):
            let part = UnsafeRawBufferPointer(rebasing: bytes[range])
            guard let request else { return channel.credit(range.count) }
            request.hasEnded = endStream
            request.log.bytesReceived += UInt64(range.count)
            guard let upstream = request.upstream else { return request.waiting.append(contentsOf: part) }
            send(part, endStream: endStream, to: upstream, of: request)
            if upstream.channel.queuedBytes == 0 { channel.credit(range.count) } else { owedToClient += range.count }
        case .trailers(let fields):
            guard let request else { return }
            request.hasEnded = true
            request.trailers = fields
            if let upstream = request.upstream { finish(request, upstream) }
        case .failed(let error):
            if let request { end(request, flags: "DPE", status: error.status) }
        }
    }

    private func start(_ head: HTTPFieldBlock, _ endStream: Bool) {
        let made = RequestHead.forwarded(
            head, client: client.identity, waypoint: worker.identity,
            requestID: RequestHead.uuid(worker.random.next(), worker.random.next()))
        let request = Request(made, isBodiless: endStream, now: worker.loop.now)
        request.log.start = Timestamp.text(WallClock.microseconds())
        request.log.method = head.method ?? ""
        request.log.path = head.path ?? ""
        request.log.authority = head.authority ?? ""
        request.log.userAgent = head.first("user-agent") ?? ""
        request.log.requestID = made.first(RequestHead.requestID) ?? ""
        request.log.downstreamLocal = client.target.authority
        request.log.downstreamRemote = client.address
        if let service = client.target.service {
            request.log.cluster = "inbound-vip|\(client.target.port)|http|\(service.hostname)"
        }
        self.request = request
        connect(request)
    }

    // MARK: to the endpoint

    private func connect(_ request: Request) {
        let attempt = UpstreamAttempt(worker: worker, client: client) { [self] result in
            request.attempt = nil
            switch result {
            case .failure(let failure):
                request.log.failure = failure.message
                answer(
                    request, 503, flags: failure == .noUpstream("no healthy upstream") ? "UH" : "UF", failure.message)
                turn()
            case .success(let (channel, choice)):
                use(HTTPUpstream(channel, choice, loop: worker.loop, now: worker.loop.now), for: request)
            }
        }
        request.attempt = attempt
        let choice = attempt.choose()
        if let choice, let upstream = worker.idle.take(uid: choice.workload.uid, port: choice.port) {
            attempt.cancel()
            request.attempt = nil
            return use(upstream, for: request)
        }
        attempt.go(to: choice)
    }

    private func use(_ upstream: HTTPUpstream, for request: Request) {
        request.upstream = upstream
        request.log.upstreamHost =
            upstream.choice.workload.addresses.first.map {
                TransportAddress(ip: $0, port: upstream.choice.port).description
            } ?? ""
        upstream.onEvents = { [self] events, bytes in
            respond(events, bytes, request, upstream)
        }
        upstream.onRoom = { [self] in
            channel.credit(owedToClient)
            owedToClient = 0
        }
        upstream.onLost = { [self] reason in upstreamLost(reason, request, upstream) }
        do throws(HTTP1WriteError) {
            try upstream.http.sendHeaders(request.head, endStream: request.isBodiless)
        } catch {
            upstream.close()
            answer(request, 400, flags: "DPE", "\(error)")
            return turn()
        }
        upstream.flush()
        let waiting = request.waiting
        request.waiting = []
        if !waiting.isEmpty {
            waiting.withUnsafeBytes {
                send($0, endStream: request.hasEnded && request.trailers == nil, to: upstream, of: request)
            }
            channel.credit(waiting.count)
        } else if request.hasEnded, !request.isBodiless, request.trailers == nil {
            send(UnsafeRawBufferPointer(start: nil, count: 0), endStream: true, to: upstream, of: request)
        }
        if request.trailers != nil { finish(request, upstream) }
    }

    private func send(
        _ bytes: UnsafeRawBufferPointer, endStream: Bool, to upstream: HTTPUpstream, of request: Request
    ) {
        do throws(HTTP1WriteError) {
            let framing = try upstream.http.frameData(byteCount: bytes.count, endStream: endStream)
            HTTP1Framing.send(framing, bytes, to: upstream.channel)
        } catch {
            upstream.close()
            fail(request, "LR", "\(error)")
        }
        upstream.flush()
    }

    private func finish(_ request: Request, _ upstream: HTTPUpstream) {
        guard let trailers = request.trailers else { return }
        // Trailers that cannot be written are left out; the message must still end.
        if (try? upstream.http.sendHeaders(trailers, endStream: true)) == nil {
            send(UnsafeRawBufferPointer(start: nil, count: 0), endStream: true, to: upstream, of: request)
        }
        upstream.flush()
    }

    private func upstreamLost(_ reason: String, _ request: Request, _ upstream: HTTPUpstream) {
        guard self.request === request else { return }
        // A server that was tired of an idle connection says nothing about this request (RFC 9110 section 9.2.2).
        if upstream.isReused, !upstream.http.hasResponseBegun, request.isBodiless, request.retries < 1 {
            request.retries += 1
            request.upstream = nil
            return connect(request)
        }
        fail(request, "UC", reason)
    }

    // MARK: from the endpoint

    private func respond(
        _ events: [HTTP1Event], _ bytes: UnsafeRawBufferPointer, _ request: Request, _ upstream: HTTPUpstream
    ) {
        var credited = bytes.count
        for event in events where self.request === request {
            switch event {
            case .headers(let head, let endStream):
                let status = head.status ?? 0
                do throws(HTTP1WriteError) {
                    try http.sendHeaders(head, endStream: endStream)
                } catch {
                    fail(request, "UPE", "\(error)")
                    break
                }
                flush()
                if status >= 200 {
                    request.hasResponse = true
                    request.log.status = status
                }
                if endStream { complete(request, upstream) }
            case .data(let range, let endStream):
                request.log.bytesSent += UInt64(range.count)
                do throws(HTTP1WriteError) {
                    let framing = try http.frameData(byteCount: range.count, endStream: endStream)
                    HTTP1Framing.send(framing, UnsafeRawBufferPointer(rebasing: bytes[range]), to: channel)
                } catch {
                    fail(request, "UPE", "\(error)")
                    break
                }
                if channel.queuedBytes > 0 {
                    owedToUpstream += range.count
                    credited -= range.count
                }
                if endStream { complete(request, upstream) }
            case .trailers(let fields):
                if (try? http.sendHeaders(fields, endStream: true)) == nil {
                    if let framing = try? http.frameData(byteCount: 0, endStream: true) {
                        HTTP1Framing.send(framing, UnsafeRawBufferPointer(start: nil, count: 0), to: channel)
                    }
                }
                flush()
                complete(request, upstream)
            case .failed(let error):
                fail(request, "UPE", "the endpoint sent what is no HTTP/1.1: \(error)")
            }
        }
        if credited > 0 { upstream.channel.credit(credited) }
        turn()
    }

    private func complete(_ request: Request, _ upstream: HTTPUpstream) {
        // What was not credited has been sent to the client's side; the next request must not be held back by it.
        upstream.channel.credit(owedToUpstream)
        owedToUpstream = 0
        channel.credit(owedToClient)
        owedToClient = 0
        request.upstream = nil
        if upstream.rest() { worker.idle.give(upstream) }
        end(request, flags: "", status: request.log.status)
    }

    // MARK: failures

    /// The exchange cannot go on: a response of our own, or, where one has begun, an end that does not look like one.
    private func fail(_ request: Request, _ flags: String, _ reason: String) {
        guard self.request === request else { return }
        request.log.failure = reason
        guard request.hasResponse else { return answer(request, 503, flags: flags, reason) }
        end(request, flags: flags, status: request.log.status)
        http.abort()
        channel.close(reset: true)
        over()
    }

    private func answer(_ request: Request, _ status: Int, flags: String, _ reason: String) {
        guard self.request === request else { return }
        let text = Array("upstream connect error or disconnect/reset before headers: \(reason)".utf8)
        var head = HTTPFieldBlock.response(status: status)
        head.append(name: "content-type", value: "text/plain")
        head.append(name: "content-length", value: String(text.count))
        head.append(name: "server", value: "istio-envoy")
        do throws(HTTP1WriteError) {
            try http.sendHeaders(head, endStream: false)
            try http.sendData(text, endStream: true)
        } catch {
            http.abort()
        }
        request.log.bytesSent = UInt64(text.count)
        end(request, flags: flags, status: status)
        flush()
    }

    private func end(_ request: Request, flags: String, status: Int) {
        guard self.request === request else { return }
        self.request = nil
        request.attempt?.cancel()
        request.upstream?.close()
        request.upstream = nil
        channel.credit(owedToClient + request.waiting.count)
        owedToClient = 0
        owedToUpstream = 0
        request.log.flags = flags
        request.log.status = status
        request.log.details = flags.isEmpty ? "via_upstream" : ""
        request.log.milliseconds = UInt64((worker.loop.now - request.startedAt) / .milliseconds(1))
        worker.logger.log(.info, "access", request.log.text)
    }

    // MARK: turns

    private func flush() {
        http.drainOutput { channel.send($0) }
    }

    /// Sends what is to be said, reads on where that has become possible, and ends where nothing more can come.
    private func turn() {
        guard onOver != nil else { return }
        flush()
        while request == nil, !held.isEmpty, http.wantsInput, !http.isClosing {
            let bytes = held
            held = []
            bytes.withUnsafeBytes { offer($0) }
            flush()
        }
        if let timer { worker.loop.cancel(timer) }
        timer = nil
        if http.isClosing || clientHasEnded && request == nil { return close() }
        guard let deadline = http.nextDeadline else { return }
        timer = worker.loop.schedule(at: deadline) { [self] in
            timer = nil
            var events: [HTTP1Event] = []
            http.deadlineReached(now: worker.loop.now, events: &events)
            for event in events { take(event, UnsafeRawBufferPointer(start: nil, count: 0)) }
            turn()
        }
    }

    /// Ends after the last byte has left.
    private func close() {
        if let request { end(request, flags: "DC", status: request.log.status) }
        if !isFinishing {
            isFinishing = true
            channel.finish()
        }
        guard channel.queuedBytes == 0 else { return }
        channel.close(reset: false)
        over()
    }

    private func over() {
        if let timer { worker.loop.cancel(timer) }
        timer = nil
        let body = onOver
        onOver = nil
        body?()
    }
}
