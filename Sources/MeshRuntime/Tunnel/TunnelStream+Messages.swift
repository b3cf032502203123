package import HTTPWire
import LinuxSystem

extension TunnelStream {
    /// Message mode, for gRPC: `onData` gets each piece of the body (valid during the call, its window is handed back after it) and
    /// `onEnd` is called once when the peer has ended its side, with trailers if there were any. A reset or a closed tunnel goes to
    /// the `onEnd` of `Tunnel.open`, or to `onPeerGone`.
    package func receiveMessages(
        onData: @escaping (UnsafeRawBufferPointer) -> Void, onEnd: @escaping (HTTPFieldBlock?) -> Void
    ) {
        guard !isGone, relay == nil, messages == nil else { return }
        messages = unsafe StreamMessages(onData: onData, onEnd: onEnd)
        if let early = takeEarly() {
            let vectors = unsafe tunnel.loop.buffers.vectors
            while early.count > 0 {
                let count = unsafe early.describe(into: vectors, limit: 1)
                let total = unsafe vectors[0].count
                unsafe dataArrived(vectors, count: count, total: total)
                early.consume(total)
            }
        }
        if isRemoteEnded { passOnEnd() }
    }

    /// Queues bytes of the body; `endStream` ends this side after them. Message mode only (`receiveMessages` first). False if the stream
    /// is over, or if `RuntimeLimits.messageQueueBytes` are waiting: the peer does not read.
    @discardableResult
    package func send(_ bytes: [UInt8], endStream: Bool) -> Bool {
        guard !isGone, !flags.contains(.localEnded), let messages, messages.append(bytes) else { return false }
        if endStream { messages.finish(nil) }
        messages.pump(self)
        return true
    }

    /// Ends this side with trailers after what is queued. Message mode only.
    package func finish(trailers: HTTPFieldBlock) {
        guard !isGone, !flags.contains(.localEnded), let messages else { return }
        messages.finish(trailers)
        messages.pump(self)
    }

    /// Bytes that wait for the peer's window.
    package var pendingMessageBytes: Int { messages?.pendingBytes ?? 0 }

    func respondTrailers(_ fields: HTTPFieldBlock) {
        guard !isGone, !flags.contains(.localEnded) else { return }
        flags.insert(.localEnded)
        tunnel.http.sendHeaders(id, fields, endStream: true)
        tunnel.loop.flushAtTurnEnd(tunnel)
        finishIfOver()
    }
}
