extension HTTP2Connection {
    /// Opens a stream with a request. nil if the peer's limit is reached, either side is going away, the numbers are
    /// exhausted, this is a server, or the peer has not announced the extended CONNECT that `fields` asks for.
    package mutating func openStream(_ fields: HTTPFieldBlock, endStream: Bool) -> HTTP2StreamID? {
        guard canOpenStream, peerAllowsConnectProtocol || fields.firstRange(":protocol") == nil else { return nil }
        let id = nextLocalStream
        nextLocalStream += 2
        var stream = newStream(id)
        stream.flags.insert(.headersSent)
        if let method = fields.firstRange(":method") {
            if fields.storage.equals(method, "CONNECT") { stream.flags.insert(.isConnect) }
            if fields.storage.equals(method, "HEAD") { stream.flags.insert(.isHead) }
        }
        if endStream { stream.flags.insert(.localEnded) }
        counters.streamsOpened &+= 1
        queueHeaders(id, fields, endStream: endStream)
        enter(stream)
        return HTTP2StreamID(id)
    }

    /// Sends an interim or final response, or trailers (`endStream` true). Does nothing if the stream is gone or this
    /// side has ended it: a reset may have crossed the caller's decision.
    package mutating func sendHeaders(_ id: HTTP2StreamID, _ fields: HTTPFieldBlock, endStream: Bool) {
        guard let slot = streams.slot(of: id.rawValue), !streams[slot].flags.contains(.localEnded) else { return }
        let isInformational = fields.status.map { $0 < 200 } ?? false
        if !isInformational { streams[slot].flags.insert(.headersSent) }
        queueHeaders(id.rawValue, fields, endStream: endStream)
        if endStream { endLocal(slot) }
    }

    /// Ends a stream abruptly: RST_STREAM is queued, no event follows, late frames of the peer are ignored.
    package mutating func reset(_ id: HTTP2StreamID, _ code: HTTP2ErrorCode) {
        guard let slot = streams.slot(of: id.rawValue) else { return }
        if !streams[slot].flags.contains(.lingering) {
            output.appendReset(id.rawValue, code)
            recentResets.insert(id.rawValue)
        }
        removeStream(at: slot)
    }

    /// Asks the peer for `.pong(opaque)`. Numbers that begin with the bytes a3 b1 7c 00 are this module's own.
    package mutating func ping(_ opaque: UInt64) {
        guard !hasFailed else { return }
        output.appendPing(opaque, acknowledgement: false)
    }

    func newStream(_ id: UInt32) -> HTTP2Stream {
        var stream = HTTP2Stream()
        stream.id = id
        stream.sendWindow = Int32(clamping: peerInitialWindow)
        stream.receiveWindow = Int32(clamping: receiveStreamWindow)
        return stream
    }

    mutating func queueHeaders(_ id: UInt32, _ fields: HTTPFieldBlock, endStream: Bool) {
        encoder.encode(fields, into: &scratch)
        output.appendHeaders(id, block: scratch, endStream: endStream, maxFrameSize: peerMaxFrameSize)
        scratch.removeAll(keepingCapacity: scratch.capacity <= 1024)
    }

    /// The peer sent END_STREAM. Slots move if the stream is gone thereby.
    mutating func endRemote(_ slot: Int) {
        endWindow(slot)
        streams[slot].flags.insert(.remoteEnded)
        finishIfEnded(slot)
    }

    /// This side sent END_STREAM. Slots move if the stream is gone thereby.
    mutating func endLocal(_ slot: Int) {
        streams[slot].flags.insert(.localEnded)
        leaveQueue(slot)
        finishIfEnded(slot)
    }

    private mutating func finishIfEnded(_ slot: Int) {
        guard streams[slot].flags.isSuperset(of: [.localEnded, .remoteEnded]) else { return }
        activeStreams -= 1
        if streams[slot].uncredited == 0 {
            removeRecord(at: slot)
        } else {
            streams[slot].flags.insert(.lingering)
        }
    }

    private mutating func leaveQueue(_ slot: Int) {
        if streams[slot].flags.contains(.queued) {
            sendQueue.remove(streams[slot].id)
            streams[slot].flags.remove(.queued)
        }
        if streams[slot].flags.contains(.woken) {
            sendQueue.claimantDone()
            streams[slot].flags.remove(.woken)
        }
    }

    /// Forgets a stream whatever its state; bytes not credited yet are.
    mutating func removeStream(at slot: Int) {
        leaveQueue(slot)
        let uncredited = Int(streams[slot].uncredited)
        if !streams[slot].flags.contains(.lingering) { activeStreams -= 1 }
        removeRecord(at: slot)
        if uncredited > 0 { creditConnection(uncredited) }
    }

    /// A stream error (section 5.4.2), of a known stream or of one that never made it into the table.
    mutating func streamError(
        _ id: UInt32, _ code: HTTP2ErrorCode, counts: Bool = true, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        counters.resetsCaused &+= 1
        if counts, !rates.resetsCaused.add(configuration.limits.resetsCaused, now: now) {
            throw .calm("too many stream errors (resetsCaused)")
        }
        output.appendReset(id, code)
        recentResets.insert(id)
        try checkPendingOutput()
        guard let slot = streams.slot(of: id) else { return }
        let wasOpen = !streams[slot].flags.contains(.lingering)
        removeStream(at: slot)
        if wasOpen { events.append(.reset(HTTP2StreamID(id), code, byPeer: false)) }
    }
}
