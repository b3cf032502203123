/// One end of a byte connection whose owner speaks the protocol on it: a stream of a tunnel, or a TCP connection.
///
/// Bytes arrive in the worker's buffer and are the owner's for the length of the call. Each is to be credited once, when it has been
/// passed on: what is not credited is what the other end has to wait for, so backpressure goes through. What is sent and does not
/// leave at once waits here, as much as the owner lets in (`queuedBytes`). Confined to its loop.
@safe
package class ByteChannel: TCPConsumer {
    // The properties marked unchecked are read as a whole before anything is called (docs/design/bench.md).
    /// Bytes have arrived.
    @exclusivity(unchecked) package final var onBytes: ((UnsafeRawBufferPointer) -> Void)?
    /// The other end sends no more; sending goes on.
    package final var onEnd: (() -> Void)?
    /// Everything that was queued has left.
    package final var onRoom: (() -> Void)?
    /// The connection broke, or the other end reset it. Called once, not after `close`.
    package final var onLost: ((_ reason: String) -> Void)?
    /// Whether what is sent waits for the end of the turn instead of that of the event: many events then make one piece of it, as on a
    /// connection that carries many requests at a time.
    @exclusivity(unchecked) package final var sendsByTurn = false
    final let loop: EventLoop

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    /// A channel over a stream that has neither a relay nor a reader.
    package static func over(_ stream: TunnelStream) -> ByteChannel { StreamChannel(stream) }

    /// A channel over a connection that nobody reads.
    package static func over(_ connection: TCPConnection) -> ByteChannel { TCPChannel(connection) }

    /// Begins to receive; what has come before is delivered first, in this call or the loop's next turn.
    package func start() {}

    /// Bytes that have not left.
    package var queuedBytes: Int { 0 }

    /// The same with what this end's kernel has and the peer has not taken, where that can be known. It shrinks as long as a slow peer
    /// takes anything at all: a system call, for looks now and then.
    package var untakenBytes: Int { queuedBytes }

    /// False after the end, whoever made it.
    package var isOpen: Bool { false }

    /// Sends, or queues what cannot leave now.
    package func send(_ bytes: UnsafeRawBufferPointer) {}

    /// `count` of the bytes that arrived have been passed on.
    package func credit(_ count: Int) {}

    /// Sends no more, after what is queued.
    package func finish() {}

    /// Ends both directions: with `reset` so that the other end does not take the rest for complete. No callback follows.
    package func close(reset: Bool) {}

    final func lost(_ reason: String) {
        let body = onLost
        forget()
        body?(reason)
    }

    /// The closures hold the owner, which holds the channel.
    final func forget() {
        onLost = nil
        unsafe onBytes = nil
        onEnd = nil
        onRoom = nil
    }
}
