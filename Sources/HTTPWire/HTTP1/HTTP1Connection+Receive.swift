extension HTTP1Connection {
    /// Takes bytes of `input` and appends what they mean to `events`. Ranges of `.data` events refer to `input`.
    ///
    /// Returns how many bytes were taken: fewer than there are only if `wantsInput` is false afterwards. Allocates nothing for content,
    /// provided that `events` has room. After `.failed` all input is taken and ignored.
    package mutating func receive(
        _ input: UnsafeRawBufferPointer, now: MonotonicTime, events: inout [HTTP1Event]
    ) -> Int {
        self.now = now
        // Sound: the span does not outlive the call, during which the caller keeps the memory alive and unchanged.
        let bytes = unsafe Span<UInt8>(_unsafeBytes: input)
        var offset = 0
        do throws(HTTP1ParseError) {
            while offset < bytes.count {
                if case .held = inputPhase {
                    guard role == .client else { return offset }
                    throw .unsolicited
                }
                try step(bytes, at: &offset, events: &events)
            }
        } catch {
            fail(error, events: &events)
            return bytes.count
        }
        return offset
    }

    /// Reads what one phase wants from `bytes`; always moves on or throws.
    private mutating func step(
        _ bytes: Span<UInt8>, at offset: inout Int, events: inout [HTTP1Event]
    ) throws(HTTP1ParseError) {
        switch inputPhase {
        case .startLine(let emptyLines):
            if headDeadline == nil { startHeadClock() }
            exchange.hasResponseBegun = role == .client
            try readStartLine(bytes, at: &offset, emptyLines: emptyLines)
        case .fields:
            let section: HTTP1HeadReader.Section = role == .server ? .request : .response
            guard try reader.readFields(bytes, at: &offset, limits: configuration.limits, in: section) else { return }
            headDeadline = nil
            if role == .server {
                try finishRequestHead(events: &events)
            } else {
                try finishResponseHead(events: &events)
            }
        case .content(var content):
            // The state is moved out, changed and put back: no copy, and no second access to self.
            let piece = try content.read(bytes, at: &offset, limits: configuration.limits)
            inputPhase = .content(content)
            switch piece {
            case .more: break
            case .content(let range, let isLast):
                exchange.awaitsContinue = false
                counters.contentBytesReceived &+= UInt64(range.count)
                events.append(.data(range, endStream: isLast))
                if isLast { messageReceived() }
            case .trailers:
                reader.begin()
                startHeadClock()
                inputPhase = .trailers
            }
        case .trailers:
            guard try reader.readFields(bytes, at: &offset, limits: configuration.limits, in: .trailers) else { return }
            headDeadline = nil
            let trailers = reader.fields
            reader.begin()
            events.append(trailers.isEmpty ? .data(0..<0, endStream: true) : .trailers(trailers))
            messageReceived()
        case .tunnel:
            counters.contentBytesReceived &+= UInt64(bytes.count - offset)
            events.append(.data(offset..<bytes.count, endStream: false))
            offset = bytes.count
        case .held, .closed:
            offset = bytes.count
        }
    }

    private mutating func readStartLine(
        _ bytes: Span<UInt8>, at offset: inout Int, emptyLines: Int
    ) throws(HTTP1ParseError) {
        var isEmpty = false
        let scheme = configuration.scheme
        let role = role
        let isComplete = try reader.readStartLine(bytes, at: &offset, limits: configuration.limits) {
            reader, line throws(HTTP1ParseError) in
            guard line.count > 0 else {
                isEmpty = true
                return
            }
            reader.begin()
            if role == .server {
                try HTTP1RequestLine.read(line, scheme: scheme, into: &reader.fields, &reader.facts)
            } else {
                try HTTP1StatusLine.read(line, into: &reader.fields, &reader.facts)
            }
        }
        guard isComplete else { return }
        guard isEmpty else {
            inputPhase = .fields
            return
        }
        // Section 2.2: a server should ignore one empty line before a request.
        guard role == .server, emptyLines == 0 else { throw role == .server ? .requestLine : .statusLine }
        inputPhase = .startLine(emptyLines: emptyLines + 1)
        headDeadline = nil
    }

    /// The peer's message is complete.
    mutating func messageReceived() {
        inputPhase = .held
        if role == .client, outputPhase != .ended {
            // The request is not out yet, and the rest of it is of no use to anybody: the connection cannot be used again.
            exchange.keepsAlive = false
        }
        finishExchangeIfComplete()
    }

    /// The peer sends no more (end of file). The end of some messages, an error inside others, nothing between them.
    package mutating func peerClosed(now: MonotonicTime, events: inout [HTTP1Event]) {
        self.now = now
        guard !peerHasClosed, !isFinished else { return }
        peerHasClosed = true
        switch inputPhase {
        case .startLine where !isExchanging && reader.isAtLineStart: finish()
        case .startLine, .fields, .trailers: fail(.truncated, events: &events)
        case .content(let content):
            guard content.endsWithConnection else { return fail(.truncated, events: &events) }
            events.append(.data(0..<0, endStream: true))
            inputPhase = .closed
            finishExchangeIfComplete()
        case .tunnel:
            events.append(.data(0..<0, endStream: true))
            inputPhase = .closed
            finishExchangeIfComplete()
        case .held:
            // Server: it still wants its response, but a tunnel that has ended before it began is none. Client: it was idle.
            if !isExchanging { return finish() }
            if exchange.switching != .none { fail(.truncated, events: &events) }
        case .closed: break
        }
    }

    /// Ends the connection. A server that has not begun to respond says why.
    mutating func fail(_ error: HTTP1ParseError, events: inout [HTTP1Event]) {
        guard !isFinished else { return }
        if error.exceedsBound { counters.boundsExceeded &+= 1 } else { counters.malformedMessages &+= 1 }
        let canAnswer = outputPhase == .idle || outputPhase == .head
        if role == .server, canAnswer, error != .idleTimeout, !peerHasClosed || isExchanging {
            let text = Array("\(error)\n".utf8)
            let isHead = exchange.isHead
            // Nothing in these lines can be refused.
            try? output.appendLines(capacity: Self.room(for: HTTPFieldBlock(), text.count)) { lines in
                lines.statusLine(error.status)
                lines.append(text: "content-type: text/plain; charset=utf-8\r\nconnection: close\r\n")
                lines.contentLength(UInt64(text.count))
                lines.append(text: "\r\n")
                if !isHead { lines.append(text.span) }
            }
        }
        finish()
        events.append(.failed(error))
    }

    /// When `deadlineReached` is to be called; nil if nothing has a deadline.
    package var nextDeadline: MonotonicTime? {
        if isFinished { return nil }
        if let headDeadline { return headDeadline }
        return isExchanging ? nil : idleSince.later(idleNanoseconds)
    }

    /// Only a server has no patience: a client waits for its response as long as its caller does.
    private mutating func startHeadClock() {
        if role == .server { headDeadline = now.later(headNanoseconds) }
    }

    /// Looks at what is due.
    package mutating func deadlineReached(now: MonotonicTime, events: inout [HTTP1Event]) {
        self.now = now
        guard let deadline = nextDeadline, now >= deadline else { return }
        fail(headDeadline != nil ? .headTimeout : .idleTimeout, events: &events)
    }
}
