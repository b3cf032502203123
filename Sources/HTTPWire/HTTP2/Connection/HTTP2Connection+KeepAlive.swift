extension HTTP2Connection {
    /// When `deadlineReached` is to be called; it moves with each `receive`.
    package var nextDeadline: MonotonicTime? {
        hasFailed ? nil : keepAlive.deadline
    }

    /// Queues a keep-alive PING, or gives a silent peer up with `.failed(.noError)`. Harmless if called early.
    package mutating func deadlineReached(now: MonotonicTime, events: inout [HTTP2Event]) {
        guard !hasFailed else { return }
        self.now = now
        switch keepAlive.elapsed(now: now) {
        case .wait: break
        case .ping(let opaque): output.appendPing(opaque, acknowledgement: false)
        case .giveUp(let silence):
            fail(HTTP2Failure(.noError, "the peer has been silent for \(silence), PING included"), events: &events)
        }
    }
}
