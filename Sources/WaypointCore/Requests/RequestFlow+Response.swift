import HTTPWire
import MeshPolicy
import MeshRuntime

extension RequestFlow {
    // MARK: what a try tells

    func connected(_ attempt: RequestTry, _ exchange: any UpstreamExchange) {
        lastEndpoint = attempt.endpoint
        guard let forward, !isOver else { return attempt.finish() }
        forward.connected(attempt, exchange)
    }

    /// A head from the endpoint: the final one is counted, perhaps tried again, changed as the route says, and sent on.
    func responded(_ attempt: RequestTry, _ head: consuming HTTPFieldBlock, endStream: Bool) {
        guard let forward, attempt === forward.current, !isOver else { return }
        let status = head.status ?? 0
        guard status >= 200 else {
            if !sink.send(head: head, endStream: false) { unreadable(attempt, "an interim response") }
            return
        }
        let outcome = TryOutcome.response(
            status: status, grpcStatus: isGRPC ? head.grpcStatus : nil,
            isRateLimited: head.has("x-envoy-ratelimited"))
        forward.cluster.count(outcome, at: attempt.endpoint)
        if forward.retries(after: outcome, of: attempt) { return }
        forward.hasResponse()
        // What has come for a tunnel goes once it is accepted.
        if !self.head.isConnect { content.forget() }
        accountForCopy()
        hasResponse = true
        record.status = status
        if isGRPC { record.grpcStatus = head.grpcStatus }
        messages?.hasResponses = head.isGRPC
        record.serviceMilliseconds = completedAt.map { (worker.loop.now.nanoseconds &- $0.nanoseconds) / 1_000_000 }
        guard sink.send(head: changed(head), endStream: endStream) else {
            return unreadable(attempt, "its head")
        }
        if endStream { return complete() }
        if self.head.isConnect { forward.tunnelAnswered(attempt) }
    }

    private static let serviceTime: StaticString = "x-envoy-upstream-service-time"

    private func changed(_ head: consuming HTTPFieldBlock) -> HTTPFieldBlock {
        var made = head
        let changes = (entry?.route.responseChanges ?? .none, destination?.responseChanges ?? .none)
        if !changes.0.isEmpty || !changes.1.isEmpty {
            // Values are of the head as it came.
            let head = made
            FieldEditing.apply(changes.0, to: &made) { value($0, head) }
            FieldEditing.apply(changes.1, to: &made) { value($0, head) }
        }
        if let time = record.serviceMilliseconds {
            // Seldom does an endpoint say so itself.
            if made.has(Self.serviceTime) { made.removeAll { name, _ in name.equals(Self.serviceTime) } }
            made.append(name: Self.serviceTime, decimal: time)
        }
        add(to: &made)
        return made
    }

    private func add(to made: inout HTTPFieldBlock) {
        if !corsFields.isEmpty { FieldEditing.replace(with: corsFields, in: &made) }
        if let hashCookie { made.append(name: "set-cookie", value: hashCookie.span) }
    }

    /// Content from the endpoint; true if it has left for the client.
    func received(_ attempt: RequestTry, _ bytes: UnsafeRawBufferPointer, endStream: Bool) -> Bool {
        guard attempt === forward?.current, !isOver else { return true }
        record.bytesSent += UInt64(bytes.count)
        countMessages(sent: bytes)
        guard sink.send(content: bytes, endStream: endStream) else {
            unreadable(attempt, "its content")
            return true
        }
        if endStream {
            complete()
            return true
        }
        guard sink.hasBacklog else { return true }
        watchClient()
        forward?.owedToUpstream += bytes.count
        return false
    }

    func received(_ attempt: RequestTry, trailers: HTTPFieldBlock) {
        guard attempt === forward?.current, !isOver else { return }
        if isGRPC { record.grpcStatus = trailers.grpcStatus }
        sink.send(trailers: trailers)
        complete()
    }

    func upstreamHasRoom() { forward?.upstreamHasRoom() }

    private func complete() {
        // The endpoint's counts go down before the client can ask for more.
        forward?.end(isComplete: true)
        end()
    }

    private func unreadable(_ attempt: RequestTry, _ what: String) {
        attempt.finish()
        failed(
            attempt,
            RequestTry.Failure(
                outcome: .reset(hasBegun: true), flag: .upstreamProtocolError,
                reason: "the endpoint sent \(what) in a form that cannot be sent on"))
    }

    // MARK: failures

    /// A try came to nothing: another one, an answer of our own, or, where the response has begun, an end that does not look like one.
    func failed(_ attempt: RequestTry, _ failure: RequestTry.Failure) {
        guard let forward, !isOver else { return attempt.finish() }
        record.failure = failure.reason
        lastEndpoint = attempt.endpoint
        forward.cluster.count(failure.outcome, at: attempt.endpoint)
        if forward.retries(after: failure.outcome, of: attempt) { return }
        attempt.finish()
        if hasResponse { return breakOff(failure.flag, failure.details(.after)) }
        answer(LocalAnswer(failure))
    }

    /// A try ended before the endpoint looked at the request: perhaps, or with `isCertain` by what the endpoint said.
    func unseen(_ attempt: RequestTry, _ failure: RequestTry.Failure, isCertain: Bool) {
        guard let forward, !isOver else { return }
        if forward.resends(attempt, isCertain: isCertain) { return turn() }
        failed(attempt, failure)
        turn()
    }

    /// The time of the whole request is over.
    func timedOut() {
        guard let forward, !isOver else { return }
        if let attempt = forward.current {
            forward.cluster.count(.timeout, at: attempt.endpoint)
            attempt.finish()
        }
        if hasResponse { return breakOff(.upstreamTimeout, "response_timeout") }
        answer(isGRPC && head.has(FieldName.grpcTimeout) ? .deadline : .timeout)
    }

    func breakOff(_ flag: ResponseFlags, _ details: String) {
        record.flags.insert(flag)
        record.details = details
        sink.abort()
        end()
    }

    // MARK: answers of our own

    func answer(_ answer: LocalAnswer) {
        guard !isOver else { return }
        record.flags.insert(answer.flags)
        record.details = answer.details
        let status = isGRPC ? 200 : answer.status
        record.status = status
        var made = HTTPFieldBlock.response(status: status)
        if isGRPC {
            made.append(name: "content-type", value: "application/grpc")
            record.grpcStatus = answer.grpcStatus
            GRPCStatus(
                code: GRPCStatusCode(answer.grpcStatus),
                message: String(decoding: answer.body, as: UTF8.self)
            ).append(to: &made)
        } else if !answer.body.isEmpty {
            made.append(name: "content-type", value: "text/plain")
            made.append(name: "content-length", value: String(answer.body.count))
        }
        made.append(name: "server", value: "istio-envoy")
        for field in answer.fields { made.append(name: field.name, value: field.value) }
        if answer.isOfRoute, let entry { FieldEditing.apply(entry.route.responseChanges, to: &made) { value($0, nil) } }
        add(to: &made)
        let hasBody = !isGRPC && !answer.body.isEmpty
        hasResponse = true
        var isSent = sink.send(head: made, endStream: !hasBody)
        if isSent, hasBody {
            record.bytesSent = UInt64(answer.body.count)
            isSent = answer.body.withUnsafeBytes { sink.send(content: $0, endStream: true) }
        }
        if !isSent { sink.abort() }
        end()
    }
}
