import HTTPWire
import LinuxSystem
import TLSEngine

extension Tunnel {
    /// Plaintext that may be added now; 0 means wait (`waitForRoom`).
    var hasRoom: Bool {
        if session.outputCount < RuntimeLimits.outputHighWatermark { return true }
        sendOutput()
        return session.outputCount < RuntimeLimits.outputHighWatermark
    }

    /// Calls `stream.canSend()` when the socket has taken enough.
    func waitForRoom(_ stream: TunnelStream) {
        guard !stream.flags.contains(.waiting) else { return }
        stream.flags.insert(.waiting)
        waiting.append(stream)
    }

    /// Frames and encrypts `byteCount` bytes that lie in the worker's staging frames.
    func sendStaged(_ stream: TunnelStream, _ byteCount: Int) {
        placeControlFrames()
        let payload = RuntimeLimits.recordBytes - RuntimeLimits.frameHeaderBytes
        var frame = unsafe loop.buffers.staging
        var rest = byteCount
        while rest > 0 {
            let length = min(rest, payload)
            unsafe HTTP2Connection.writeDataFrameHeader(
                length: length, endStream: false, stream: stream.id, into: frame)
            let whole = unsafe UnsafeRawBufferPointer(start: frame, count: length + RuntimeLimits.frameHeaderBytes)
            if whole.count <= RuntimeLimits.gatheredBytes { unsafe place(whole) } else { unsafe encrypt(whole) }
            rest -= length
            unsafe frame += RuntimeLimits.recordBytes
        }
        http.didSendData(stream.id, byteCount: byteCount, endStream: false)
        loop.flushAtTurnEnd(self)
    }

    /// Ends this side of a stream with an empty DATA frame.
    func sendEnd(_ stream: TunnelStream) {
        placeControlFrames()
        var header: (UInt64, UInt64) = (0, 0)
        unsafe withUnsafeMutableBytes(of: &header) { raw in
            guard let base = raw.baseAddress else { return }
            unsafe HTTP2Connection.writeDataFrameHeader(length: 0, endStream: true, stream: stream.id, into: base)
            unsafe place(UnsafeRawBufferPointer(start: base, count: RuntimeLimits.frameHeaderBytes))
        }
        http.didSendData(stream.id, byteCount: 0, endStream: true)
        loop.flushAtTurnEnd(self)
    }

    /// Whatever HTTP/2 has to say goes before DATA that is framed later.
    private func placeControlFrames() {
        guard http.hasOutput else { return }
        unsafe http.drainOutput { unsafe place($0) }
    }

    /// Gathers small pieces into one record.
    private func place(_ bytes: UnsafeRawBufferPointer) {
        var rest = unsafe bytes
        while rest.count > 0, let source = rest.baseAddress {
            guard let record = unsafe record ?? loop.buffers.records.take() else {
                return end(TunnelClosure(reason: .connectionLost, message: "the tunnel to \(remote) ended: no memory"))
            }
            unsafe self.record = unsafe record
            let room = min(rest.count, RuntimeLimits.recordBytes - recordCount)
            unsafe (record + recordCount).copyMemory(from: source, byteCount: room)
            recordCount += room
            unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[room...])
            if recordCount == RuntimeLimits.recordBytes { sealRecord() }
        }
    }

    private func sealRecord() {
        guard let record = unsafe record, recordCount > 0 else { return }
        let bytes = unsafe UnsafeRawBufferPointer(start: record, count: recordCount)
        recordCount = 0
        unsafe write(bytes)
    }

    private func encrypt(_ bytes: UnsafeRawBufferPointer) {
        sealRecord()
        unsafe write(bytes)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) {
        loop.buffers.touch()
        if let error = unsafe session.write(bytes), state == .open {
            end(TunnelClosure(reason: .tls, message: "the tunnel to \(remote) broke: \(error)"))
        }
    }

    /// Sends what is encrypted, as much as the socket takes.
    func sendOutput() {
        while flags.contains(.writable), session.outputCount > 0, let raw = socket?.raw {
            do throws(Errno) {
                guard case .bytes(let count) = unsafe try Transfer.send(raw, session.output) else {
                    flags.remove(.writable)
                    return
                }
                session.consumeOutput(count)
            } catch {
                return connectionLost(error)
            }
        }
    }

    /// Encrypts and sends what this turn brought, then lets waiting streams go on.
    func flushTurn() {
        switch state {
        case .open:
            // A peer that does not read gets no more answers than the socket takes; HTTP/2 bounds what waits for it.
            if session.outputCount < RuntimeLimits.outputHighWatermark { placeControlFrames() }
            sealRecord()
            releaseRecord()
            sendOutput()
            guard state == .open else { return }
            if session.outputCount < RuntimeLimits.outputHighWatermark {
                // Held back above, and the socket has taken the rest: no event of its own follows.
                if http.hasOutput { loop.flushAtTurnEnd(self) }
                if !waiting.isEmpty { wakeWaiting() }
            }
            watchDeadline()
            if http.isDrained, streams.isEmpty { endAfterOutput() }
        case .closing:
            advanceClosing()
        case .connecting, .handshaking, .closed:
            break
        }
    }

    /// Encrypts everything that is still to be said, without regard to the turn.
    func sealEverything() {
        placeControlFrames()
        sealRecord()
        releaseRecord()
    }

    private func releaseRecord() {
        guard let record = unsafe record else { return }
        unsafe loop.buffers.records.give(record)
        unsafe self.record = nil
    }

    private func wakeWaiting() {
        let list = waiting
        waiting = []
        for stream in list {
            stream.flags.remove(.waiting)
            if hasRoom { stream.canSend() } else { waitForRoom(stream) }
        }
    }

    // MARK: keep-alive

    private func watchDeadline() {
        guard let deadline = http.nextDeadline else { return }
        // The deadline moves later with every byte received; the timer looks again when it fires.
        if timer != nil, let armed = timerDeadline, armed <= deadline { return }
        arm(deadline)
    }

    private func arm(_ deadline: MonotonicTime) {
        if let timer { loop.cancel(timer) }
        timerDeadline = deadline
        timer = loop.schedule(at: deadline) { [unowned self] in
            timer = nil
            deadlinePassed()
        }
    }

    private func deadlinePassed() {
        guard state == .open, let deadline = http.nextDeadline else { return }
        guard deadline <= loop.now else { return arm(deadline) }
        var events: [HTTP2Event] = []
        http.deadlineReached(now: loop.now, events: &events)
        for event in events where state == .open { react(to: event) }
        guard state == .open else { return }
        loop.flushAtTurnEnd(self)
    }
}
