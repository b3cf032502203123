/// The wait of a channel that is over for its last bytes to leave. Held by the channel until it is closed; confined to its loop.
@safe
final class LastBytes {
    private let channel: ByteChannel
    private var completion: ((LastBytesOutcome) -> Void)?
    private var timer: TimerID?

    init(_ channel: ByteChannel, _ completion: @escaping (LastBytesOutcome) -> Void) {
        self.channel = channel
        self.completion = completion
    }

    func begin() {
        unsafe channel.onBytes = { [self] bytes in channel.credit(bytes.count) }
        channel.onEnd = nil
        channel.onRoom = { [self] in
            guard channel.queuedBytes == 0 else { return }
            channel.close(reset: false)
            end(.sent)
        }
        channel.onLost = { [self] _ in end(.lost) }
        watch()
    }

    private func watch() {
        let before = channel.untakenBytes
        timer = channel.loop.schedule(after: channel.loop.outputPatience) { [self] in
            timer = nil
            guard channel.isOpen else { return }
            guard channel.untakenBytes >= before else { return watch() }
            channel.close(reset: true)
            end(.notTaken)
        }
    }

    private func end(_ outcome: LastBytesOutcome) {
        if let timer { channel.loop.cancel(timer) }
        timer = nil
        let body = completion
        completion = nil
        body?(outcome)
    }
}

extension ByteChannel {
    /// Ends both directions once everything that is queued has left, and tells `completion`, once, perhaps in this call. A peer that
    /// takes nothing of it for `EventLoop.outputPatience` is reset. What still comes is dropped, and the owner gets no other callback.
    package final func closeAfterOutput(_ completion: @escaping (LastBytesOutcome) -> Void) {
        finish()
        guard isOpen, queuedBytes > 0 else {
            close(reset: false)
            return completion(.sent)
        }
        LastBytes(self, completion).begin()
    }
}
