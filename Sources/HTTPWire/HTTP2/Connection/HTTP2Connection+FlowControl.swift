extension HTTP2Connection {
    /// How many bytes of DATA the stream may send now, at most `byteCount`; the caller splits them into frames of at
    /// most `peerMaxFrameSize`. 0 means blocked: a `.writable` event follows (none if the stream is unknown or has
    /// ended, or nothing was asked for).
    ///
    /// Nothing is set aside: call `didSendData` before reserving for another stream.
    package mutating func reserveData(_ id: HTTP2StreamID, upTo byteCount: Int) -> Int {
        guard byteCount > 0, let slot = streams.slot(of: id.rawValue) else { return 0 }
        let stream = streams[slot]
        guard stream.flags.contains(.headersSent), !stream.flags.contains(.localEnded) else { return 0 }
        guard stream.sendWindow > 0 else {
            if stream.flags.contains(.woken) { takeTurn(slot) }
            streams[slot].flags.insert(.blockedByStream)
            return 0
        }
        guard sendWindow > 0 else {
            if stream.flags.contains(.woken) { takeTurn(slot) }
            enqueue(slot)
            return 0
        }
        let share = sendQueue.claimants == 0 ? sendWindow : sendQueue.share(of: sendWindow)
        if stream.flags.contains(.woken) { takeTurn(slot) }
        return min(byteCount, Int(stream.sendWindow), share)
    }

    /// The caller has framed `byteCount` bytes of DATA, no more than reserved, and ended the stream if so said.
    package mutating func didSendData(_ id: HTTP2StreamID, byteCount: Int, endStream: Bool) {
        guard byteCount >= 0, let slot = streams.slot(of: id.rawValue) else { return }
        sendWindow -= byteCount
        streams[slot].sendWindow = Int32(clamping: Int(streams[slot].sendWindow) - byteCount)
        counters.dataBytesSent &+= UInt64(byteCount)
        rates.windowUpdates.forgive(UInt32(clamping: 3 + byteCount >> 10))
        if endStream { endLocal(slot) }
    }

    /// Bytes before a DATA frame's payload.
    package static let dataFrameHeaderLength = HTTP2FrameHeader.length

    /// Writes the nine bytes before a DATA frame's payload to `destination`.
    package static func writeDataFrameHeader(
        length: Int, endStream: Bool, stream: HTTP2StreamID, into destination: UnsafeMutableRawPointer
    ) {
        let sizeAndType = UInt64(truncatingIfNeeded: length & 0xff_ffff) << 40
        let flagsAndStream = UInt64(endStream ? 1 : 0) << 24 | UInt64(stream.rawValue >> 8)
        // Sound: the caller gives room for nine bytes; bytes have no alignment.
        unsafe destination.storeBytes(of: (sizeAndType | flagsAndStream).bigEndian, as: UInt64.self)
        unsafe destination.storeBytes(
            of: UInt8(truncatingIfNeeded: stream.rawValue), toByteOffset: 8, as: UInt8.self)
    }

    /// Received bytes of the stream were handed on. WINDOW_UPDATE is batched to half a window.
    package mutating func credit(_ id: HTTP2StreamID, byteCount: Int) {
        guard byteCount > 0, let slot = streams.slot(of: id.rawValue) else { return }
        let count = min(byteCount, Int(streams[slot].uncredited))
        guard count > 0 else { return }
        streams[slot].uncredited -= Int32(truncatingIfNeeded: count)
        creditConnection(count)
        if streams[slot].flags.contains(.remoteEnded) {
            charge(-count)
            if streams[slot].flags.contains(.lingering), streams[slot].uncredited == 0 { streams.remove(at: slot) }
            return
        }
        streams[slot].unannounced += Int32(truncatingIfNeeded: count)
        // Until the peer has read SETTINGS its window is larger, and the acknowledgement shrinks it: what is kept back then must be less
        // than half of what is left.
        let size = memory == nil || !settingsAcknowledged ? announcedStreamWindow : windowSize(of: streams[slot])
        guard Int(streams[slot].unannounced) >= max(size / 2, 1) else { return }
        if let memory, settingsAcknowledged { resize(slot, from: size, memory) }
        announce(slot)
    }

    mutating func creditConnection(_ count: Int) {
        memory?.hold(-count)
        let increment = receiveWindow.credit(count)
        guard increment > 0 else { return }
        output.appendWindowUpdate(0, increment)
        counters.windowUpdatesSent &+= 1
    }

    mutating func handleWindowUpdate(
        _ id: UInt32, _ increment: Int, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        counters.windowUpdatesReceived &+= 1
        guard rates.windowUpdates.add(configuration.limits.windowUpdates, now: now) else {
            throw .calm("too many WINDOW_UPDATE frames (windowUpdates)")
        }
        if id == 0 {
            guard increment > 0 else { throw HTTP2Failure(.protocolError, "WINDOW_UPDATE by 0 on stream 0") }
            sendWindow += increment
            guard sendWindow <= 0x7fff_ffff else {
                throw HTTP2Failure(.flowControlError, "WINDOW_UPDATE takes the connection's window past 2^31-1")
            }
            if sendWindow > 0 { wakeQueue(events: &events) }
            return
        }
        guard !isIdle(id) else { throw HTTP2Failure(.protocolError, "WINDOW_UPDATE on idle stream \(id)") }
        guard let slot = streams.slot(of: id), !streams[slot].flags.contains(.lingering) else { return }
        guard increment > 0 else {
            try streamError(id, .protocolError, events: &events)
            return
        }
        let window = Int(streams[slot].sendWindow) + increment
        guard window <= 0x7fff_ffff else {
            try streamError(id, .flowControlError, events: &events)
            return
        }
        streams[slot].sendWindow = Int32(clamping: window)
        unblock(slot, events: &events)
    }

    /// SETTINGS_INITIAL_WINDOW_SIZE changes what every stream may send (section 6.9.2); it can make windows negative.
    mutating func changeInitialSendWindow(to size: Int, events: inout [HTTP2Event]) throws(HTTP2Failure) {
        let change = size - peerInitialWindow
        peerInitialWindow = size
        guard change != 0 else { return }
        for slot in streams.slots.indices where streams.slots[slot].id != 0 {
            let window = Int(streams[slot].sendWindow) + change
            guard window <= 0x7fff_ffff else {
                throw HTTP2Failure(
                    .flowControlError, "SETTINGS_INITIAL_WINDOW_SIZE takes a stream's window past 2^31-1")
            }
            streams[slot].sendWindow = Int32(clamping: window)
            unblock(slot, events: &events)
        }
    }

    /// A stream's window changed: it is told, or waits for the connection's window instead.
    private mutating func unblock(_ slot: Int, events: inout [HTTP2Event]) {
        guard streams[slot].flags.contains(.blockedByStream), streams[slot].sendWindow > 0 else { return }
        streams[slot].flags.remove(.blockedByStream)
        if sendWindow > 0 {
            events.append(.writable(HTTP2StreamID(streams[slot].id)))
        } else {
            enqueue(slot)
        }
    }

    private mutating func enqueue(_ slot: Int) {
        guard !streams[slot].flags.contains(.queued) else { return }
        streams[slot].flags.insert(.queued)
        sendQueue.append(streams[slot].id)
    }

    private mutating func takeTurn(_ slot: Int) {
        streams[slot].flags.remove(.woken)
        sendQueue.claimantDone()
    }

    private mutating func wakeQueue(events: inout [HTTP2Event]) {
        guard !sendQueue.isEmpty else { return }
        // Claims of an earlier round are void: those streams had nothing left to send.
        for slot in streams.slots.indices { streams[slot].flags.remove(.woken) }
        for id in sendQueue.takeAll() {
            guard let slot = streams.slot(of: id) else { continue }
            streams[slot].flags.remove(.queued)
            streams[slot].flags.insert(.woken)
            events.append(.writable(HTTP2StreamID(id)))
        }
    }
}
