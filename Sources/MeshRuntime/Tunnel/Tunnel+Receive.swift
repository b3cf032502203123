import HTTPWire
import LinuxSystem
import TLSEngine

extension Tunnel {
    /// Receives until the socket is empty or this turn's share is used up.
    func receiveTurn() {
        var budget = RuntimeLimits.tunnelBytesPerTurn
        let buffers = loop.buffers
        while state == .open, flags.contains(.readable), let raw = socket?.raw {
            guard budget > 0 else { return loop.continueNextTurn(self) }
            buffers.touch()
            do throws(Errno) {
                guard case .bytes(let count) = unsafe try Transfer.receive(raw, into: buffers.received) else {
                    flags.subtract([.readable, .urgent])
                    return
                }
                guard count > 0 else { return peerClosed() }
                budget -= count
                // Short: the socket is empty and more brings a new event, except that FIN must still be read.
                if unsafe count < buffers.received.count, flags.isDisjoint(with: .mayHoldMore) {
                    flags.remove(.readable)
                }
                unsafe session.receive(UnsafeRawBufferPointer(rebasing: buffers.received[..<count]))
                decryptBatch()
            } catch {
                return connectionLost(error)
            }
        }
    }

    /// Decrypts all that the session was given, and hands it to HTTP/2 in batches as large as the worker's buffer.
    func decryptBatch() {
        let plaintext = unsafe loop.buffers.plaintext
        var filled = 0
        while state == .open {
            if plaintext.count - filled < RuntimeLimits.recordBytes {
                deliver(filled)
                filled = 0
                continue
            }
            switch unsafe session.read(into: UnsafeMutableRawBufferPointer(rebasing: plaintext[filled...])) {
            case .bytes(let count):
                filled += count
            case .incomplete:
                if filled > 0 { deliver(filled) }
                // The session may have an answer of its own (a key update).
                if session.outputCount > 0 { loop.flushAtTurnEnd(self) }
                return
            case .closed:
                if filled > 0 { deliver(filled) }
                flags.insert(.peerNotified)
                if state == .open { peerClosed() }
                return
            case .failed(let error):
                if filled > 0 { deliver(filled) }
                if state == .open {
                    end(TunnelClosure(reason: .tls, message: "the tunnel to \(remote) broke: \(error)"))
                }
                return
            }
        }
    }

    private func deliver(_ count: Int) {
        let buffers = loop.buffers
        var events = buffers.events
        buffers.events = []
        unsafe http.receive(
            UnsafeRawBufferPointer(rebasing: buffers.plaintext[..<count]), now: loop.now, events: &events)
        for event in events where state == .open { react(to: event) }
        passOnTouched()
        events.removeAll(keepingCapacity: true)
        buffers.events = events
        if state == .open, http.hasOutput { loop.flushAtTurnEnd(self) }
    }

    func react(to event: HTTP2Event) {
        switch event {
        case .data(let id, let range, let endStream):
            guard let stream = streams[id.rawValue] else { return http.credit(id, byteCount: range.count) }
            gather(stream, range, endStream)
        case .headers(let id, let fields, let endStream):
            headers(id, fields, endStream)
        case .trailers(let id, let fields):
            guard let stream = streams[id.rawValue] else { return }
            passOn(stream)
            stream.trailersArrived(fields)
        case .writable(let id):
            streams[id.rawValue]?.canSend()
        case .reset(let id, let code, let byPeer):
            guard let stream = streams[id.rawValue] else { return }
            passOn(stream)
            remove(stream)
            stream.endBeforeReset()
            stream.wasReset(code, byPeer: byPeer)
        case .failed(let code, let text):
            passOnTouched()
            end(TunnelClosure(reason: .http2(code), message: "the tunnel to \(remote) failed: \(text) (\(code))"))
        case .goAway, .settings, .pong:
            // Their effect is in the connection's state; the turn's end looks at it.
            loop.flushAtTurnEnd(self)
        }
    }

    private func headers(_ id: HTTP2StreamID, _ fields: HTTPFieldBlock, _ endStream: Bool) {
        if role == .client {
            guard let stream = streams[id.rawValue] else { return }
            // 1xx: the final response follows (RFC 9110 section 15.2).
            if !endStream, let status = fields.status, status < 200 { return }
            stream.responseArrived(fields, endStream)
            return
        }
        guard let onRequest else {
            // Nobody serves here: the stream was not looked at, so it may be tried elsewhere.
            http.reset(id, .refusedStream)
            return
        }
        let stream = TunnelStream(self, id)
        streams[id.rawValue] = stream
        if endStream { stream.flags.insert(.remoteEnded) }
        onRequest(stream, fields)
    }

    // MARK: gathering

    private func gather(_ stream: TunnelStream, _ range: Range<Int>, _ endStream: Bool) {
        if loop.buffers.gather.isFull { passOnTouched() }
        if !stream.flags.contains(.touched) {
            stream.flags.insert(.touched)
            touched.append(stream)
        }
        if endStream { stream.flags.insert(.remoteEnded) }
        guard range.count > 0 else { return }
        let node = loop.buffers.gather.append(range, after: stream.gatherTail)
        if stream.gatherHead == GatherList.none { stream.gatherHead = node }
        stream.gatherTail = node
        stream.gatherBytes += Int32(truncatingIfNeeded: range.count)
    }

    /// Passes the batch on, one call a stream.
    private func passOnTouched() {
        guard !touched.isEmpty else { return }
        var index = 0
        while index < touched.count {
            let stream = touched[index]
            stream.flags.remove(.touched)
            passOn(stream)
            stream.passOnEnd()
            index += 1
        }
        loop.buffers.gather.removeAll()
        touched.removeAll(keepingCapacity: true)
    }

    /// Passes the gathered bytes of one stream on.
    private func passOn(_ stream: TunnelStream) {
        guard stream.gatherHead != GatherList.none else { return }
        let buffers = loop.buffers
        guard let base = unsafe buffers.plaintext.baseAddress else { return }
        var node = stream.gatherHead
        var count = 0
        while node != GatherList.none {
            let fragment = buffers.gather.nodes[Int(node)]
            unsafe buffers.vectors[count] = unsafe IOVector(
                base: base + Int(fragment.offset), count: Int(fragment.length))
            count += 1
            node = fragment.next
        }
        let total = Int(stream.gatherBytes)
        stream.gatherHead = GatherList.none
        stream.gatherTail = GatherList.none
        stream.gatherBytes = 0
        unsafe stream.dataArrived(buffers.vectors, count: count, total: total)
    }
}
