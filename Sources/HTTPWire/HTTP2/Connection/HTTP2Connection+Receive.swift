extension HTTP2Connection {
    /// What a client sends first (RFC 9113 section 3.4).
    package static let clientPreface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    /// Consumes all of `input` and appends what it means to `events`. Ranges of `.data` events refer to `input`.
    ///
    /// Allocates nothing for a DATA frame, provided that `events` has room. After `.failed` input is ignored.
    package mutating func receive(
        _ input: UnsafeRawBufferPointer, now: MonotonicTime, events: inout [HTTP2Event]
    ) {
        guard !hasFailed, input.count > 0 else { return }
        self.now = now
        keepAlive.received(now: now)
        // Sound: the span does not outlive the call, during which the caller keeps the memory alive and unchanged.
        let bytes = unsafe Span<UInt8>(_unsafeBytes: input)
        do throws(HTTP2Failure) {
            var offset = 0
            while offset < bytes.count { try step(bytes, at: &offset, events: &events) }
        } catch {
            fail(error, events: &events)
        }
    }

    /// Reads what one phase wants from `bytes`; always moves on or throws.
    private mutating func step(
        _ bytes: Span<UInt8>, at offset: inout Int, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        switch phase {
        case .header:
            if partial.isEmpty, bytes.count - offset >= HTTP2FrameHeader.length {
                let header = HTTP2FrameHeader(bytes, at: offset)
                offset += HTTP2FrameHeader.length
                try begin(header, events: &events)
            } else {
                guard collect(HTTP2FrameHeader.length, from: bytes, at: &offset) else { return }
                let header = HTTP2FrameHeader(partial.span, at: 0)
                partial.removeAll(keepingCapacity: true)
                try begin(header, events: &events)
            }
        case .data(var progress):
            try readData(&progress, bytes, at: &offset, events: &events)
        case .payload(let header, let needed):
            if partial.isEmpty, bytes.count - offset >= needed {
                let payload = bytes.extracting(offset..<(offset + needed))
                offset += needed
                phase = .skip(remaining: header.payloadLength - needed)
                try handle(header, payload, events: &events)
            } else {
                guard collect(needed, from: bytes, at: &offset) else { return }
                var payload: [UInt8] = []
                swap(&payload, &partial)
                phase = .skip(remaining: header.payloadLength - needed)
                try handle(header, payload.span, events: &events)
                // A large block is not kept for the connection's life.
                if payload.capacity <= 1024 {
                    payload.removeAll(keepingCapacity: true)
                    swap(&payload, &partial)
                }
            }
            if case .skip(remaining: 0) = phase { phase = .header }
        case .skip(let remaining):
            let count = min(remaining, bytes.count - offset)
            offset += count
            phase = remaining == count ? .header : .skip(remaining: remaining - count)
        case .preface(let matched):
            try readPreface(matched, bytes, at: &offset)
        }
    }

    /// Adds to `partial` until it has `count` bytes; true if it has.
    private mutating func collect(_ count: Int, from bytes: Span<UInt8>, at offset: inout Int) -> Bool {
        let taken = min(count - partial.count, bytes.count - offset)
        partial.append(span: bytes.extracting(offset..<(offset + taken)))
        offset += taken
        return partial.count == count
    }

    private mutating func readPreface(
        _ matched: Int, _ bytes: Span<UInt8>, at offset: inout Int
    ) throws(HTTP2Failure) {
        var matched = matched
        let preface = Self.clientPreface
        // Sound: the pointer of a StaticString lives for ever; `matched` stays below its length.
        let expected = unsafe UnsafeBufferPointer(start: preface.utf8Start, count: preface.utf8CodeUnitCount)
        while matched < expected.count, offset < bytes.count {
            guard unsafe bytes[offset] == expected[matched] else {
                throw HTTP2Failure(.protocolError, "the client does not begin with the HTTP/2 preface")
            }
            matched += 1
            offset += 1
        }
        phase = matched == expected.count ? .header : .preface(matched: matched)
    }

    /// Ends the connection: GOAWAY with the text, and the event. Streams are forgotten without further events.
    mutating func fail(_ failure: HTTP2Failure, events: inout [HTTP2Event]) {
        guard !hasFailed else { return }
        hasFailed = true
        if failure.exceedsBound { counters.boundsExceeded &+= 1 }
        output.appendGoAway(lastStream: lastPeerStream, failure.code, text: failure.text)
        leaveMemory()
        streams.removeAll()
        sendQueue.removeAll()
        activeStreams = 0
        partial = []
        headerBlock = []
        events.append(.failed(failure.code, failure.text))
    }

    /// For answers that a peer asks for: it may not make this side queue without end.
    func checkPendingOutput() throws(HTTP2Failure) {
        guard output.count <= configuration.limits.pendingOutputBytes else {
            throw .calm("the peer asks for answers and does not read them (pendingOutputBytes)")
        }
    }
}
