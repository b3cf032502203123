package import HTTPWire
import LinuxSystem

/// One stream of a tunnel. Until a relay or a message reader takes it, what arrives is kept, bounded by the stream's window.
///
/// Confined to the tunnel's loop.
@safe
package final class TunnelStream {
    struct Flags: OptionSet {
        var rawValue: UInt8
        /// This side has ended.
        static let localEnded = Flags(rawValue: 1)
        /// The peer has ended; what it sent may still wait.
        static let remoteEnded = Flags(rawValue: 2)
        /// The consumer knows that the peer has ended.
        static let endPassed = Flags(rawValue: 4)
        /// The stream is over for the tunnel.
        static let gone = Flags(rawValue: 8)
        /// In the tunnel's list of streams with gathered fragments.
        static let touched = Flags(rawValue: 16)
        /// In the tunnel's list of streams that wait for room.
        static let waiting = Flags(rawValue: 32)
        /// A reset has come: nothing more is said on it (RFC 9113 section 6.4).
        static let silenced = Flags(rawValue: 64)
    }

    /// The tunnel that it belongs to.
    package let tunnel: Tunnel
    /// Its number.
    package let id: HTTP2StreamID

    var flags: Flags = []
    var gatherHead = GatherList.none
    var gatherTail = GatherList.none
    var gatherBytes: Int32 = 0
    var relay: StreamRelay?
    var messages: StreamMessages?
    var channel: StreamChannel?
    private var early: Backlog?
    var onResponse: ((TunnelStream, HTTPFieldBlock, Bool) -> Void)?
    var onEnd: ((TunnelStream, StreamEnd) -> Void)?

    init(_ tunnel: Tunnel, _ id: HTTP2StreamID) {
        self.tunnel = tunnel
        self.id = id
    }

    /// The peer has ended its side; nothing more arrives.
    package var isRemoteEnded: Bool { flags.contains(.remoteEnded) }

    /// The stream is over: reset, or its tunnel closed, or both sides ended.
    package var isGone: Bool { flags.contains(.gone) }

    // MARK: for the owner

    /// Server: answers the request. With `endStream` this side is over; a peer that has more to send is told to stop (RST_STREAM
    /// NO_ERROR, RFC 9113 section 8.1).
    package func respond(_ fields: HTTPFieldBlock, endStream: Bool) {
        guard !isGone, !flags.contains(.localEnded) else { return }
        tunnel.http.sendHeaders(id, fields, endStream: endStream)
        tunnel.loop.flushAtTurnEnd(tunnel)
        guard endStream else { return }
        flags.insert(.localEnded)
        if isRemoteEnded { return finishIfOver() }
        reset(.noError)
    }

    /// Ends the stream at once, without a callback. What was received and not credited is handed back to the peer: nobody else will.
    package func reset(_ code: HTTP2ErrorCode) {
        guard !isGone else { return forfeit() }
        flags.insert(.gone)
        tunnel.remove(self)
        tunnel.http.reset(id, code)
        tunnel.loop.flushAtTurnEnd(tunnel)
        release()
    }

    /// Server: calls `body` once if the stream ends before a relay or a message reader has it.
    package func onPeerGone(_ body: @escaping (TunnelStream, StreamEnd) -> Void) {
        onEnd = body
    }

    // MARK: for consumers

    /// Bytes that may be sent now; 0 means that `canSend` follows.
    func reserve(upTo limit: Int) -> Int {
        tunnel.http.reserveData(id, upTo: limit)
    }

    /// Hands `byteCount` bytes of window back to the peer: they have been passed on.
    func credit(_ byteCount: Int) {
        guard byteCount > 0, tunnel.state == .open else { return }
        tunnel.http.credit(id, byteCount: byteCount)
        if tunnel.http.hasOutput { tunnel.loop.flushAtTurnEnd(tunnel) }
    }

    /// Ends this side after what was sent.
    func endLocal() {
        guard !isGone, !flags.contains(.localEnded) else { return }
        flags.insert(.localEnded)
        if !flags.contains(.silenced) { tunnel.sendEnd(self) }
        finishIfOver()
    }

    /// What arrived before there was a consumer.
    func takeEarly() -> Backlog? {
        let taken = early
        early = nil
        return taken
    }

    /// Both sides are over: the tunnel forgets the stream.
    func finishIfOver() {
        guard !isGone, flags.contains([.localEnded, .remoteEnded]) else { return }
        if relay != nil || messages != nil || channel != nil, !flags.contains(.endPassed) { return }
        flags.insert(.gone)
        tunnel.remove(self)
        if early != nil { forfeit() }
        let body = onEnd
        release()
        body?(self, .finished)
        tunnel.loop.flushAtTurnEnd(tunnel)
    }

    /// Both sides have ended, and whoever had bytes to credit is gone. They count against the connection's window, which all streams
    /// share, and keep the stream's record, until they are handed back.
    private func forfeit() {
        guard tunnel.state == .open else { return }
        tunnel.http.reset(id, .noError)
        if tunnel.http.hasOutput { tunnel.loop.flushAtTurnEnd(tunnel) }
    }

    private func release() {
        onEnd = nil
        onResponse = nil
        messages = nil
        early = nil
    }

    // MARK: from the tunnel

    func responseArrived(_ fields: HTTPFieldBlock, _ endStream: Bool) {
        guard let body = onResponse else { return }
        onResponse = nil
        if endStream { flags.insert(.remoteEnded) }
        body(self, fields, endStream)
        guard endStream, !isGone else { return }
        // An answer without a body (a refusal): nothing can follow from either side.
        passOnEnd()
        if relay == nil, !flags.contains(.localEnded) { endLocal() }
    }

    func dataArrived(_ vectors: UnsafeMutablePointer<IOVector>, count: Int, total: Int) {
        if let relay { return unsafe relay.arrived(vectors, count: count, total: total) }
        if let messages {
            for index in 0..<count {
                unsafe messages.onData(UnsafeRawBufferPointer(start: vectors[index].base, count: vectors[index].count))
            }
            return credit(total)
        }
        if let channel {
            for index in 0..<count {
                unsafe channel.arrived(UnsafeRawBufferPointer(start: vectors[index].base, count: vectors[index].count))
            }
            return
        }
        guard !isGone else { return credit(total) }
        let backlog = early ?? Backlog(pool: tunnel.loop.buffers.chunks)
        early = backlog
        for index in 0..<count {
            guard unsafe backlog.append(UnsafeRawBufferPointer(start: vectors[index].base, count: vectors[index].count))
            else {
                let body = onEnd
                reset(.internalError)
                body?(self, .reset(.internalError, byPeer: false))
                return
            }
        }
    }

    func trailersArrived(_ fields: HTTPFieldBlock) {
        flags.insert(.remoteEnded)
        messages?.trailers = fields
        passOnEnd()
    }

    /// Tells the consumer, once, that the peer has ended.
    func passOnEnd() {
        guard isRemoteEnded, !flags.contains(.endPassed), !isGone else { return }
        if let relay {
            flags.insert(.endPassed)
            relay.streamEnded()
        } else if let messages {
            flags.insert(.endPassed)
            messages.onEnd(messages.trailers)
        } else if let channel {
            flags.insert(.endPassed)
            channel.streamEnded()
        }
        finishIfOver()
    }

    func canSend() {
        if let relay { relay.canSend() } else if let channel { channel.canSend() } else { messages?.pump(self) }
    }

    /// A reset has come in one batch with the peer's end, which was said before it: what was complete then is.
    func endBeforeReset() {
        flags.insert(.silenced)
        passOnEnd()
    }

    func wasReset(_ code: HTTP2ErrorCode, byPeer: Bool) {
        guard !isGone else { return }
        flags.insert(.gone)
        let body = onEnd
        release()
        if let relay { return relay.streamReset(code, byPeer: byPeer) }
        if let channel {
            if byPeer, code == .noError, isRemoteEnded, tunnel.role == .client { return channel.streamStopped() }
            return channel.streamLost(byPeer ? "reset by the peer: \(code)" : "the peer broke HTTP/2: \(code)")
        }
        body?(self, .reset(code, byPeer: byPeer))
    }

    func tunnelClosed(_ closure: TunnelClosure) {
        guard !isGone else { return }
        flags.insert(.gone)
        let body = onEnd
        release()
        if let relay { return relay.tunnelClosed(closure) }
        if let channel { return channel.streamLost(closure.message) }
        body?(self, .tunnelClosed(closure))
    }
}
