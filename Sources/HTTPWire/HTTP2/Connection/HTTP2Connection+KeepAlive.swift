extension HTTP2Connection {
    /// When `deadlineReached` is to be called; it moves with each `receive`.
    package var nextDeadline: MonotonicTime? {
        guard !hasFailed else { return nil }
        guard let settings = settingsDeadline else { return keepAlive.deadline }
        return keepAlive.deadline.map { min($0, settings) } ?? settings
    }

    /// When the peer must have acknowledged our SETTINGS; nil once it has.
    private var settingsDeadline: MonotonicTime? {
        settingsAcknowledged ? nil : settingsSent + configuration.limits.settingsAcknowledgement
    }

    /// Queues a keep-alive PING, gives a silent peer up with `.failed(.noError)`, or one that does not acknowledge our SETTINGS
    /// with `.failed(.settingsTimeout)`. Harmless if called early.
    package mutating func deadlineReached(now: MonotonicTime, events: inout [HTTP2Event]) {
        guard !hasFailed else { return }
        self.now = now
        if let deadline = settingsDeadline, now >= deadline {
            let time = configuration.limits.settingsAcknowledgement
            let failure = HTTP2Failure.bound(
                .settingsTimeout, "no acknowledgement of our SETTINGS within \(time) (settingsAcknowledgement)")
            return fail(failure, events: &events)
        }
        switch keepAlive.elapsed(now: now) {
        case .wait: break
        case .ping(let opaque): output.appendPing(opaque, acknowledgement: false)
        case .giveUp(let silence):
            fail(HTTP2Failure(.noError, "the peer has been silent for \(silence), PING included"), events: &events)
        }
    }
}
