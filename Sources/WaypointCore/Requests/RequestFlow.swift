import HTTPWire
import MeshModel
import MeshPolicy
import MeshRuntime
import MeshTelemetry
import NodeCore

/// One request from its head to its end: the phases that it passes in order, the tries that it takes, and what its client gets.
///
/// The order is that of Istio's waypoints (I 5.4): the route is found, then CORS, then faults, then what the route does. Who the client
/// is by a token, whether it may, and how often it may are asked between route and CORS: see `begin`. Confined to its loop; ends once.
final class RequestFlow {
    let worker: WaypointWorker
    let client: ClientFacts
    /// What the client speaks.
    let version: HTTPVersion
    let sink: any ResponseSink
    /// As the client sent it, its path in normal form.
    let head: HTTPFieldBlock
    let startedAt: MonotonicTime
    let isGRPC: Bool
    // The properties marked unchecked are changed by nothing that leads back to them (docs/design/bench.md).
    @exclusivity(unchecked) var record: RequestRecord
    @exclusivity(unchecked) var content: RequestContent

    /// The entry that decides; nil for a workload that was asked for by its own address.
    var entry: RouteEntry?
    var destination: RouteDestination?
    /// What CORS says in the response, instead of what the endpoint says by the same names.
    var corsFields: [(name: [UInt8], value: [UInt8])] = []
    /// The cookie of a consistent hash that is set in the response, besides those of the endpoint.
    var hashCookie: [UInt8]?
    var forward: Forwarding?
    /// The endpoint of the last try.
    var lastEndpoint: ClusterEndpoint?
    /// Copies that want the request's content.
    var mirrors: [MirrorCopy] = []
    private(set) var isOver = false
    /// The final head is on its way to the client.
    var hasResponse = false
    /// Content of the client's that no endpoint has got yet, in bytes.
    var uncredited = 0
    /// Content of the client's that is on its way to the endpoint, in bytes.
    var owedToClient = 0
    /// Bytes of content that are kept for another try though the endpoint has them, as the worker's account knows them.
    private var copied = 0
    /// The messages of a gRPC call; nil for any other request.
    @exclusivity(unchecked) var messages: MessageCounts?
    /// When the messages of an open stream reach the metrics; nil while there are no new ones.
    var messageReport: TimerID?
    /// When the request was complete; nil while it is not.
    private(set) var completedAt: MonotonicTime?
    private var delay: TimerID?
    /// Looks whether the content stands still; nil where that has no bound.
    private var stillness: TimerID?
    /// When a part of the content came last.
    private var contentAt: MonotonicTime
    /// Looks whether the client takes its response; nil while nothing of it waits.
    private var unreadLook: TimerID?

    init(
        worker: WaypointWorker, client: ClientFacts, version: HTTPVersion, sink: any ResponseSink,
        head: HTTPFieldBlock, endStream: Bool
    ) {
        self.worker = worker
        self.client = client
        self.version = version
        self.sink = sink
        self.head = head
        startedAt = worker.loop.now
        contentAt = startedAt
        // A tunnel is no call, whatever its head says: what goes wrong before it must not be answered as a success.
        isGRPC = !head.isConnect && head.isGRPC
        if isGRPC { messages = MessageCounts() }
        content = RequestContent(isNone: endStream)
        if endStream { completedAt = startedAt }
        record = RequestRecord(start: WallClock.microseconds())
    }

    // MARK: phases

    /// Begins with the routes of the service that was asked for; nil for a workload by its own address.
    func begin(_ routes: HTTPRouteList?) {
        // A tunnel's bytes would go round every route, and a server that answers any method, or that does not know the protocol of an
        // extended CONNECT, would take them for requests. Only WebSockets are carried, as Istio has it; an Envoy without an upgrade
        // for CONNECT or another protocol refuses it in the same words.
        guard !head.isConnect || head.asksForWebSocket else {
            return answer(LocalAnswer(status: 403, details: "upgrade_failed"))
        }
        watchContent()
        guard let decision = routes?.decide(head, client.facts, &worker.random) else { return send(to: nil) }
        entry = decision.entry
        if case .noRoute = decision {
            return answer(LocalAnswer(status: 404, flags: .noRoute, details: "route_not_found"))
        }
        // Phases to come stand here, in this order: authentication by token, authorization, rate limits.
        guard passesCORS() else { return }
        guard let rule = entry?.route.fault else { return act(decision) }
        fault(rule) { [self] in act(decision) }
    }

    /// Begins at a gateway's server: its own redirect to HTTPS comes before any route.
    func begin(by way: GatewayEntrance.Way) {
        guard way.isRedirected else { return begin(way.routes) }
        answer(
            LocalAnswer(
                status: 301, details: "direct_response",
                fields: [(Array("location".utf8), GatewayEntrance.location(head))]))
    }

    /// False where the request was a preflight, and is answered.
    private func passesCORS() -> Bool {
        guard let rule = entry?.route.cors else { return true }
        switch rule.decide(head) {
        case .pass(let fields):
            corsFields = fields.map { (Array($0.name.utf8), $0.value) }
            return true
        case .answer(let fields):
            corsFields = fields.map { (Array($0.name.utf8), $0.value) }
            answer(LocalAnswer(status: 200, details: "cors_response"))
            return false
        }
    }

    private func fault(_ rule: FaultRule, _ next: @escaping () -> Void) {
        let decision = rule.decide(&worker.random)
        guard let pause = decision.delay else { return abort(decision.abort, next) }
        record.flags.insert(.delayInjected)
        delay = worker.loop.schedule(after: pause) { [self] in
            delay = nil
            abort(decision.abort, next)
            sink.turn()
        }
    }

    private func abort(_ abort: FaultRule.Abort?, _ next: () -> Void) {
        guard let abort else { return next() }
        switch abort {
        case .http(let status):
            answer(
                LocalAnswer(
                    status: status, body: FaultRule.abortBody, flags: .faultInjected, details: "fault_filter_abort"))
        case .grpc(let code):
            answer(
                LocalAnswer(
                    status: 200, body: FaultRule.abortBody, flags: .faultInjected, details: "fault_filter_abort",
                    grpcStatus: code))
        }
    }

    private func act(_ decision: RouteDecision) {
        switch decision {
        case .forward(_, let key, let destination):
            self.destination = destination
            send(to: key)
        case .redirect(let entry, let rule):
            // In a tunnel the client's scheme is that of the mesh, in which all of HTTP is plain on the inside.
            let location = entry.location(rule, head, scheme: client.scheme, port: client.facts.port)
            answer(
                LocalAnswer(
                    status: rule.status, details: "direct_response", fields: [(Array("location".utf8), location)],
                    isOfRoute: true))
        case .directResponse(_, let answer):
            self.answer(
                LocalAnswer(status: answer.status, body: answer.body, details: "direct_response", isOfRoute: true))
        case .noCluster(_, let reason):
            record.failure = reason
            answer(LocalAnswer(status: 503, flags: .noCluster, details: "cluster_not_found"))
        case .noRoute: break
        }
    }

    // MARK: from the client

    /// A part of the request's content.
    func received(_ bytes: UnsafeRawBufferPointer, endStream: Bool) {
        guard !isOver else { return sink.credit(bytes.count) }
        contentAt = worker.loop.now
        if endStream { completedAt = contentAt }
        countMessages(received: bytes)
        let isPassedOn = forward?.takesContent ?? false
        // A copy for another try is the first that goes where memory is short.
        if isPassedOn, worker.memory.isShort { content.forget() }
        content.append(bytes, endStream: endStream, isNeeded: !isPassedOn)
        for mirror in mirrors { mirror.send(bytes, endStream: endStream) }
        if isPassedOn {
            forward?.pass(bytes, endStream: endStream)
        } else {
            uncredited += bytes.count
        }
        accountForCopy()
        if endStream { forward?.contentEnded() }
    }

    /// What is not credited yet is in the account of its connection.
    func accountForCopy() {
        let now = isOver ? 0 : max(0, content.bytes.count - uncredited)
        guard now != copied else { return }
        worker.memory.carry(now - copied)
        copied = now
    }

    /// A client that stops in the middle of its content holds an endpoint's connection, but not for ever. Whoever has its response, or
    /// talks in both directions (gRPC, a tunnel), may pause as long as it likes.
    private func watchContent() {
        guard !content.hasEnded, !isGRPC, head.protocolName == nil else { return }
        watchContent(until: contentAt + worker.configuration.requestIdleTimeout)
    }

    private func watchContent(until due: MonotonicTime) {
        stillness = worker.loop.schedule(at: due) { [self] in
            stillness = nil
            guard !isOver, !hasResponse, !content.hasEnded else { return }
            let next = contentAt + worker.configuration.requestIdleTimeout
            guard worker.loop.now >= next else { return watchContent(until: next) }
            record.failure = "no content came for \(worker.configuration.requestIdleTimeout)"
            answer(
                LocalAnswer(
                    status: 408, body: "stream timeout", flags: .idleTimeout, details: "stream_idle_timeout"))
            turn()
        }
    }

    /// The request's trailers, which end it.
    func received(trailers given: HTTPFieldBlock) {
        guard !isOver else { return }
        completedAt = worker.loop.now
        let trailers = RequestHead.forwarded(trailers: given)
        content.end(trailers: trailers)
        for mirror in mirrors { mirror.finish(trailers) }
        forward?.passTrailers()
        forward?.contentEnded()
    }

    /// The client takes more.
    func clientHasRoom() {
        forward?.creditUpstream()
    }

    /// A part of the response waits for the client. One that takes nothing of it holds an endpoint's connection, but not for ever: for
    /// `requestIdleTimeout` at least and twice that at most.
    func watchClient() {
        if unreadLook == nil { watchClient(since: nil) }
    }

    private func watchClient(since before: ClientProgress?) {
        unreadLook = worker.loop.schedule(after: worker.configuration.requestIdleTimeout) { [self] in
            unreadLook = nil
            guard !isOver, sink.hasBacklog else { return }
            let now = sink.progress
            guard now == before else { return watchClient(since: now) }
            record.failure = "the client took nothing of its response for \(worker.configuration.requestIdleTimeout)"
            worker.rejected(.stalledResponse)
            breakOff(.idleTimeout, "stream_idle_timeout")
            turn()
        }
    }

    /// The client is gone, or has broken the protocol.
    func clientLost(_ flag: ResponseFlags, status: Int) {
        guard !isOver else { return }
        record.flags.insert(flag)
        record.details = flag == .downstreamClosed ? "downstream_remote_disconnect" : "codec_error"
        if !hasResponse { record.status = status }
        end()
    }

    // MARK: the end

    /// Lets the connection do what this request left to do.
    func turn() { sink.turn() }

    /// Nothing more happens.
    func end() {
        guard !isOver else { return }
        isOver = true
        if let delay { worker.loop.cancel(delay) }
        delay = nil
        if let stillness { worker.loop.cancel(stillness) }
        stillness = nil
        if let unreadLook { worker.loop.cancel(unreadLook) }
        unreadLook = nil
        if let messageReport { worker.loop.cancel(messageReport) }
        messageReport = nil
        forward?.end()
        for mirror in mirrors { mirror.clientEnded(isComplete: content.hasEnded) }
        mirrors = []
        sink.credit(owedToClient + uncredited)
        owedToClient = 0
        uncredited = 0
        accountForCopy()
        log()
        count()
        sink.ended(self)
    }

    private func count() {
        let outcome = RequestOutcome(
            status: record.status, isGRPC: isGRPC, grpcStatus: record.grpcStatus, flags: record.flags)
        client.telemetry.ended(
            outcome, at: lastEndpoint?.workload, of: calledService,
            milliseconds: Double(worker.loop.now.nanoseconds - startedAt.nanoseconds) / 1_000_000,
            received: content.count, sent: record.bytesSent)
        reportMessages()
    }

    /// The service that metrics say was called, where it is not the one that the client's stream is for: that of the cluster, as in
    /// Istio, which a route may lead elsewhere.
    var calledService: Service? { forward.flatMap { client.called($0.cluster.cluster.service) } }

    private func log() {
        guard worker.logger.admits(.info, "access") else { return }
        RequestLog(self).write(to: worker)
    }
}
