import HTTPWire
import MeshModel
import MeshPolicy
import MeshRuntime

/// What a request that goes to a cluster has: the head for endpoints, the tries made and the one under way, and the times that bound
/// them. The content passes through it. Confined to its loop.
final class Forwarding {
    private unowned let flow: RequestFlow
    let cluster: WorkerCluster
    /// As the first try has it.
    let head: HTTPFieldBlock
    private let policy: RetryPolicy
    private let timeout: Duration?
    // The properties marked unchecked are changed by nothing that leads back to them (docs/design/bench.md).
    @exclusivity(unchecked) private var choice: EndpointRequest
    private var tries = 0
    /// Of the endpoints that were tried, one bit each.
    private var priorities: UInt64 = 0
    /// Tries that a closed connection cost, which no endpoint saw.
    private var unseen = 0
    private(set) var current: RequestTry?
    private(set) var isConnected = false
    /// Content of the endpoint's that is on its way to the client, in bytes.
    var owedToUpstream = 0
    @exclusivity(unchecked) private var overall: TimerID?
    @exclusivity(unchecked) private var perTry: TimerID?
    @exclusivity(unchecked) private var pause: TimerID?
    private var isEnded = false

    /// How often a request is sent again that no endpoint has looked at.
    private static let unseenLimit = 2

    init(_ flow: RequestFlow, _ cluster: WorkerCluster, head: HTTPFieldBlock, choice: EndpointRequest) {
        self.flow = flow
        self.cluster = cluster
        self.head = head
        self.choice = choice
        policy = flow.entry?.route.retries ?? .standard
        timeout = RequestTimeout.effective(flow.entry?.route.timeout, flow.head, isGRPC: flow.isGRPC)
    }

    private var loop: EventLoop { flow.worker.loop }

    /// Does something later, in a step of the request's own: the request may end by it, and is there until it is done.
    private func later(_ delay: Duration, _ body: @escaping (RequestFlow) -> Void) -> TimerID {
        loop.schedule(after: delay) { [flow = flow as RequestFlow] in
            body(flow)
            flow.turn()
        }
    }

    /// Makes the first try.
    func begin() {
        armOverall()
        attempt(isRetry: false)
    }

    private func attempt(isRetry: Bool) {
        let flow = flow
        guard let (pool, use) = cluster.choose(choice, cluster.version(for: flow.version)) else {
            if isRetry { cluster.release(.retry) }
            return flow.answer(.noEndpoint)
        }
        tries += 1
        let made = RequestTry(flow, pool, use, isRetry: isRetry)
        current = made
        made.begin()
    }

    // MARK: to the endpoint

    /// The try has a connection: the head goes out, and all content that has come.
    func connected(_ attempt: RequestTry, _ exchange: any UpstreamExchange) {
        guard attempt === current, !isEnded else { return attempt.finish() }
        // Once: each look at an unowned reference counts it.
        let flow = flow
        isConnected = true
        let content = flow.content
        do throws(UpstreamWriteError) {
            try exchange.send(head: triedHead, endStream: content.isNone)
            if !content.isNone, exchange.canSendContent { try passAll(exchange) }
        } catch {
            attempt.finish()
            flow.record.failure = "\(error)"
            return flow.answer(
                LocalAnswer(status: 400, body: "", flags: .downstreamProtocolError, details: "codec_error"))
        }
        if content.hasEnded { armPerTry() }
    }

    /// The head with the number of the try.
    private var triedHead: HTTPFieldBlock {
        guard tries > 1 else { return head }
        var made = head
        FieldEditing.set(RequestHead.attemptCount, to: Array(String(tries).utf8), in: &made)
        return made
    }

    private func passAll(_ exchange: any UpstreamExchange) throws(UpstreamWriteError) {
        try exchange.send(flow.content)
        flow.sink.credit(flow.uncredited)
        flow.uncredited = 0
        if !mayRetry { flow.content.forget() }
        flow.accountForCopy()
    }

    /// Whether content goes to the endpoint now: not before a tunnel is accepted.
    var takesContent: Bool { isConnected && current?.exchange?.canSendContent ?? false }

    /// Content goes to the endpoint as it comes, where that `takesContent`.
    func pass(_ bytes: UnsafeRawBufferPointer, endStream: Bool) {
        guard let exchange = current?.exchange else { return }
        do throws(UpstreamWriteError) {
            try exchange.send(bytes, endStream: endStream)
        } catch {
            return broken(error)
        }
        if exchange.queuedBytes == 0 {
            flow.sink.credit(bytes.count)
        } else {
            flow.owedToClient += bytes.count
        }
    }

    func passTrailers() {
        guard isConnected, let exchange = current?.exchange, let trailers = flow.content.trailers else { return }
        do throws(UpstreamWriteError) {
            try exchange.send(trailers: trailers)
        } catch {
            broken(error)
        }
    }

    private func broken(_ error: UpstreamWriteError) {
        guard let current else { return }
        current.finish()
        flow.failed(
            current,
            RequestTry.Failure(outcome: .reset(hasBegun: true), flag: .localReset, reason: "\(error)"))
    }

    /// The endpoint has answered a request for a tunnel: what has come for it can go.
    func tunnelAnswered(_ attempt: RequestTry) {
        guard let exchange = attempt.exchange else { return }
        // The endpoint may have refused it with a response, then nobody wants what has come; or nothing has.
        if !exchange.canSendContent || flow.content.bytes.isEmpty { flow.content.forget() }
        guard flow.uncredited > 0 || flow.content.hasEnded else { return }
        do throws(UpstreamWriteError) {
            try passAll(exchange)
        } catch {
            broken(error)
        }
    }

    /// The endpoint takes more.
    func upstreamHasRoom() {
        let flow = flow
        flow.sink.credit(flow.owedToClient)
        flow.owedToClient = 0
    }

    /// The client takes more.
    func creditUpstream() {
        guard owedToUpstream > 0 else { return }
        current?.exchange?.credit(owedToUpstream)
        owedToUpstream = 0
    }

    // MARK: retries

    /// Whether another try could still be made.
    private var mayRetry: Bool {
        flow.content.isWhole && !flow.hasResponse && (tries <= policy.attempts || unseen < Self.unseenLimit)
    }

    /// Whether a try that ended so is followed by another, which is then on its way. Says in the flags why not.
    func retries(after outcome: TryOutcome, of attempt: RequestTry) -> Bool {
        guard policy.attempts > 0, policy.isRetriable(outcome), flow.content.isWhole, !flow.hasResponse else {
            return false
        }
        guard tries <= policy.attempts else {
            flow.record.flags.insert(.retryLimit)
            return false
        }
        guard cluster.admitRetry() else {
            flow.record.flags.insert(.upstreamOverflow)
            return false
        }
        attempt.finish()
        left(attempt)
        leave(attempt.endpoint)
        pause = later(policy.pause(beforeRetry: tries - 1, &flow.worker.random)) { [self] _ in
            pause = nil
            self.attempt(isRetry: true)
        }
        return true
    }

    /// The next try goes elsewhere, as far as the policy wants that: priorities are left after every second try (I 2.8).
    private func leave(_ endpoint: ClusterEndpoint) {
        if policy.avoidsTriedEndpoints { choice.tried.append(endpoint.id) }
        guard policy.leavesTriedPriorities, endpoint.priority < 64 else { return }
        priorities |= 1 << UInt64(endpoint.priority)
        if tries % 2 == 0 { choice.triedPriorities = priorities }
    }

    /// A try ended before the endpoint looked at the request, as far as can be known: it is sent again at once where that is safe
    /// (RFC 9110 section 9.2.2; always if it is certain, RFC 9113 section 8.7). True where it is.
    func resends(_ attempt: RequestTry, isCertain: Bool) -> Bool {
        guard unseen < Self.unseenLimit, !flow.hasResponse, flow.content.isWhole, isCertain || flow.head.isIdempotent
        else { return false }
        unseen += 1
        tries -= 1
        left(attempt)
        self.attempt(isRetry: false)
        return true
    }

    private func left(_ attempt: RequestTry) {
        cancel(&perTry)
        current = nil
        isConnected = false
        // What was on its way to that endpoint is kept, and goes to the next.
        flow.uncredited += flow.owedToClient
        flow.owedToClient = 0
        owedToUpstream = 0
    }

    // MARK: time

    /// The request is complete: from now on the times count.
    func contentEnded() {
        armOverall()
        if isConnected { armPerTry() }
    }

    private func armOverall() {
        guard let timeout, overall == nil, flow.content.hasEnded, !isEnded else { return }
        overall = later(timeout) { [self] flow in
            overall = nil
            flow.timedOut()
        }
    }

    private func armPerTry() {
        guard let limit = policy.perTryTimeout, perTry == nil, !flow.hasResponse, !isEnded else { return }
        perTry = later(limit) { [self] flow in
            perTry = nil
            guard let current else { return }
            flow.failed(
                current, RequestTry.Failure(outcome: .timeout, flag: .upstreamTimeout, reason: "the try took too long"))
        }
    }

    /// The final head is there: the time of the try is over, that of the request is not.
    func hasResponse() { cancel(&perTry) }

    private func cancel(_ timer: inout TimerID?) {
        guard let id = timer else { return }
        loop.cancel(id)
        timer = nil
    }

    // MARK: the end

    /// The exchange is complete, or nobody wants it any more.
    func end(isComplete: Bool = false) {
        isEnded = true
        cancel(&overall)
        cancel(&perTry)
        if pause != nil { cluster.release(.retry) }
        cancel(&pause)
        creditUpstream()
        current?.finish(isComplete: isComplete)
        current = nil
    }
}
