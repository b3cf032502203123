import HTTPWire

/// A channel through an HTTP/1.1 proxy: asks it for a way to a target, by CONNECT (RFC 9110 section 9.3.6) or by POST, and then
/// carries bytes as they are, or as the content of the POST and of its response.
///
/// The head of the response is bounded by `HTTP1Limits`; the time that it may take is the owner's, who closes the channel. With POST
/// the proxy's end of the response is the end of both directions, as in HTTP. Confined to its loop.
@safe
package final class HTTPTunnelChannel: ByteChannel {
    /// How the proxy is asked.
    package enum Method: String, Sendable {
        case connect = "CONNECT"
        case post = "POST"
    }

    /// Called once. The channel was not started.
    package typealias Completion = (Result<Void, HTTPTunnelFailure>) -> Void

    /// Where a channel is in its life; it only moves forward.
    private enum State: Comparable {
        /// The proxy has not answered.
        case asking
        /// The owner has a way, and has not started the channel.
        case ready
        /// Bytes are delivered.
        case open
        /// It was closed or lost.
        case ended
    }

    private let lower: ByteChannel
    private let method: Method
    private let target: String
    private var http: HTTP1Connection
    private var state = State.asking
    private var completion: Completion?
    /// What came behind the response before the owner wanted it. It is not credited, so the window of the channel below bounds it.
    private var early: [UInt8] = []
    private var hasPeerFinished = false
    private var isFinishing = false
    /// Why it was lost before the owner had started it.
    private var loss: String?

    /// A channel over `lower`, which was not started and belongs to it from now on. `target` is host and port, an IPv6 address in
    /// brackets.
    package init(over lower: ByteChannel, method: Method, target: String) {
        self.lower = lower
        self.method = method
        self.target = target
        http = HTTP1Connection(role: .client, now: lower.loop.now)
        super.init(lower.loop)
    }

    /// Asks the proxy. The completion is called once, perhaps in this call, and not at all after `close`.
    package func ask(_ completion: @escaping Completion) {
        self.completion = completion
        unsafe lower.onBytes = { [self] in unsafe arrived($0) }
        lower.onEnd = { [self] in lowerEnded() }
        lower.onRoom = { [self] in onRoom?() }
        lower.onLost = { [self] in lowerLost($0) }
        do throws(HTTP1WriteError) {
            switch method {
            case .connect: try http.sendHeaders(.connect(authority: target), endStream: false)
            case .post: try http.sendHeaders(Self.post(target), endStream: false)
            }
        } catch {
            return refuse("\(target) cannot be asked for: \(error)")
        }
        flush()
        lower.start()
    }

    /// The request whose content is what goes to the target, as Envoy makes it.
    private static func post(_ target: String) -> HTTPFieldBlock {
        var fields = HTTPFieldBlock()
        fields.append(name: ":method", value: "POST")
        fields.append(name: ":scheme", value: "http")
        fields.append(name: ":authority", value: target)
        fields.append(name: ":path", value: "/")
        return fields
    }

    override package var queuedBytes: Int { lower.queuedBytes }

    override package var untakenBytes: Int { lower.untakenBytes }

    override package var isOpen: Bool { (state == .ready || state == .open) && lower.isOpen }

    override package func start() {
        guard state == .ready, loss == nil else {
            let reason = loss ?? "the connection was over before it was used"
            state = .ended
            loop.schedule(after: .zero) { [self] in lost(reason) }
            return
        }
        state = .open
        let bytes = early
        early = []
        if !bytes.isEmpty { unsafe bytes.withUnsafeBytes { unsafe onBytes?($0) } }
        if hasPeerFinished, state == .open { onEnd?() }
    }

    // MARK: sending

    override package func send(_ bytes: UnsafeRawBufferPointer) {
        guard isOpen, !isFinishing, bytes.count > 0 else { return }
        switch method {
        case .connect: unsafe lower.send(bytes)
        case .post: unsafe frame(bytes, endStream: false)
        }
    }

    override package func finish() {
        guard isOpen, !isFinishing else { return }
        isFinishing = true
        switch method {
        case .connect: lower.finish()
        // The connection stays: a server may take its end for the client's going away, and not respond any more.
        case .post: unsafe frame(UnsafeRawBufferPointer(start: nil, count: 0), endStream: true)
        }
    }

    override package func close(reset: Bool) {
        if !reset { finish() }
        end()
        forget()
        lower.close(reset: reset)
    }

    override package func credit(_ count: Int) { lower.credit(count) }

    private func frame(_ bytes: UnsafeRawBufferPointer, endStream: Bool) {
        guard http.canSendData else {
            // The response is complete: what the owner sends would be lost without a word.
            if !endStream { fail("the proxy has ended the request") }
            return
        }
        let framing: HTTP1DataFraming
        do throws(HTTP1WriteError) {
            framing = try http.frameData(byteCount: bytes.count, endStream: endStream)
        } catch {
            return fail("\(error)")
        }
        unsafe withUnsafeTemporaryAllocation(byteCount: HTTP1DataFraming.largestOverhead, alignment: 1) { scratch in
            guard let base = scratch.baseAddress else { return }
            // Sound: the scratch has room for the largest prefix and the largest suffix.
            unsafe framing.writePrefix(into: base)
            unsafe lower.send(UnsafeRawBufferPointer(start: base, count: framing.prefixCount))
            unsafe lower.send(bytes)
            unsafe framing.writeSuffix(into: base)
            unsafe lower.send(UnsafeRawBufferPointer(start: base, count: framing.suffixCount))
        }
    }

    /// The bytes are taken out first: what is below may lead back here while it writes.
    private func flush() {
        var output = http.takeOutput()
        unsafe output.withUnsafeBytes { unsafe lower.send($0) }
        http.reuse(&output)
    }

    // MARK: receiving

    private func arrived(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .ended: return
        // Behind the head of the response a tunnel has no framing.
        case .ready where method == .connect, .open where method == .connect: return unsafe deliver(bytes)
        case .asking, .ready, .open: break
        }
        var events: [HTTP1Event] = []
        unsafe _ = http.receive(bytes, now: loop.now, events: &events)
        unsafe take(events, of: bytes)
    }

    private func take(_ events: [HTTP1Event], of bytes: UnsafeRawBufferPointer) {
        var content = 0
        for event in events where state != .ended {
            switch event {
            case .headers(let head, let endStream): responded(head, endStream: endStream)
            case .data(let range, let endStream):
                content += range.count
                if !range.isEmpty { unsafe deliver(UnsafeRawBufferPointer(rebasing: bytes[range])) }
                if endStream { peerFinished() }
            case .trailers: peerFinished()
            case .failed(let error):
                fail(
                    error == .truncated
                        ? "the proxy closed the connection in the middle of its answer"
                        : "the proxy's answer is no HTTP/1.1: \(error)")
            }
        }
        // What frames the content, nobody else will credit.
        if bytes.count > content { lower.credit(bytes.count - content) }
    }

    private func responded(_ head: HTTPFieldBlock, endStream: Bool) {
        guard state == .asking, let status = head.status, status >= 200 else { return }
        guard status < 300, !endStream else {
            return refuse("the proxy answered \(status) to \(method.rawValue) \(target)")
        }
        state = .ready
        let body = completion
        completion = nil
        body?(.success(()))
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer) {
        guard state == .open, let body = unsafe onBytes else {
            if state == .ready { unsafe early.append(contentsOf: bytes) }
            return
        }
        unsafe body(bytes)
    }

    private func peerFinished() {
        guard !hasPeerFinished, state == .ready || state == .open else { return }
        hasPeerFinished = true
        if state == .open { onEnd?() }
    }

    private func lowerEnded() {
        if method == .connect, state > .asking { return peerFinished() }
        guard !hasPeerFinished else { return }
        if state == .asking, !http.hasResponseBegun {
            return refuse("the proxy closed the connection without an answer to \(method.rawValue) \(target)")
        }
        var events: [HTTP1Event] = []
        http.peerClosed(now: loop.now, events: &events)
        unsafe take(events, of: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    private func lowerLost(_ reason: String) {
        switch state {
        case .asking: refuse("the connection to the proxy broke: \(reason)")
        case .ready: loss = reason
        case .open:
            end()
            lost(reason)
        case .ended: break
        }
    }

    // MARK: the end

    /// Nothing more is said or heard. The channel below is the caller's.
    private func end() {
        state = .ended
        completion = nil
        early = []
    }

    /// There is no way to the target.
    private func refuse(_ reason: String) {
        guard state == .asking else { return }
        let body = completion
        end()
        lower.close(reset: true)
        body?(.failure(HTTPTunnelFailure(message: reason)))
    }

    /// It breaks. Not in the owner's call.
    private func fail(_ reason: String) {
        switch state {
        case .asking: refuse(reason)
        case .ready:
            loss = reason
            lower.close(reset: true)
        case .open:
            end()
            lower.close(reset: true)
            loop.schedule(after: .zero) { [self] in lost(reason) }
        case .ended: break
        }
    }
}
