extension HTTP1Connection {
    /// Client: sends a request. Server: an interim or final response. Either: trailers, if the head and its content are out (`endStream`
    /// true). Does nothing if the connection has failed meanwhile, which the caller was told.
    ///
    /// Fields of a connection (Connection, Keep-Alive, Transfer-Encoding, Upgrade) that are in the block are left out; what this
    /// connection needs of them is put in. If this throws, nothing was queued and another head can be sent.
    package mutating func sendHeaders(_ fields: HTTPFieldBlock, endStream: Bool) throws(HTTP1WriteError) {
        guard !isFinished else { return }
        let mark = output.count
        do throws(HTTP1WriteError) {
            switch outputPhase {
            case .idle:
                guard role == .client, !isExchanging else { throw .state }
                try sendRequest(fields, endStream: endStream)
            case .head: try sendResponse(fields, endStream: endStream)
            case .length, .chunked, .untilClose, .noContent, .tunnel: try sendTrailers(fields, endStream: endStream)
            case .awaitingTunnel: throw .state
            case .ended: break
            }
        } catch {
            output.removeLast(output.count - mark)
            throw error
        }
        finishExchangeIfComplete()
    }

    /// False while content may not be framed: no head is out, or the other end has not accepted the tunnel yet.
    package var canSendData: Bool {
        switch outputPhase {
        case .idle, .head, .awaitingTunnel, .ended: false
        case .length, .chunked, .untilClose, .noContent, .tunnel: true
        }
    }

    /// Says how `byteCount` bytes of payload are to be framed, and takes them as sent; with `endStream` they are the last ones.
    ///
    /// Content that is not as long as content-length said aborts the connection and throws: the peer must not take what it has for the
    /// whole. With an end and no bytes the framing may have a suffix alone.
    package mutating func frameData(
        byteCount: Int, endStream: Bool
    ) throws(HTTP1WriteError) -> HTTP1DataFraming {
        var framing = HTTP1DataFraming(payloadCount: 0, isChunked: false, endStream: endStream)
        switch outputPhase {
        case .idle, .head, .awaitingTunnel:
            guard isFinished else { throw .state }
            return framing
        case .ended: return framing
        case .noContent: break
        case .length(let rest):
            let left = rest.subtractingReportingOverflow(UInt64(byteCount))
            guard !left.overflow, !endStream || left.partialValue == 0 else {
                abort()
                throw .contentLength
            }
            outputPhase = .length(left.partialValue)
            framing = HTTP1DataFraming(payloadCount: byteCount, isChunked: false, endStream: endStream)
        case .chunked:
            framing = HTTP1DataFraming(payloadCount: byteCount, isChunked: true, endStream: endStream)
        case .untilClose, .tunnel:
            framing = HTTP1DataFraming(payloadCount: byteCount, isChunked: false, endStream: endStream)
        }
        counters.contentBytesSent &+= UInt64(framing.payloadCount)
        if endStream {
            outputPhase = .ended
            finishExchangeIfComplete()
        }
        return framing
    }

    /// Frames `payload` and copies it into the output: for content that is made here and small.
    package mutating func sendData(_ payload: [UInt8], endStream: Bool) throws(HTTP1WriteError) {
        let framing = try frameData(byteCount: payload.count, endStream: endStream)
        let start = output.count
        let end = start + framing.prefixCount + framing.payloadCount
        output.append(contentsOf: repeatElement(0, count: framing.prefixCount))
        if framing.payloadCount > 0 { output.append(contentsOf: payload) }
        output.append(contentsOf: repeatElement(0, count: framing.suffixCount))
        guard framing.prefixCount + framing.suffixCount > 0 else { return }
        // Sound: the output has grown by what prefix, payload and suffix take.
        unsafe output.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            unsafe framing.writePrefix(into: base + start)
            unsafe framing.writeSuffix(into: base + end)
        }
    }

    /// Trailers go with chunks only. Those that frame or route a message are left out (RFC 9110 section 6.5.1).
    private mutating func sendTrailers(_ fields: HTTPFieldBlock, endStream: Bool) throws(HTTP1WriteError) {
        guard endStream else { throw .state }
        if case .length(let rest) = outputPhase, rest > 0 {
            abort()
            throw .contentLength
        }
        if outputPhase == .chunked {
            try output.appendLines(capacity: Self.room(for: fields)) { lines throws(HTTP1WriteError) in
                lines.append(text: "0\r\n")
                var cursor = 0
                while let field = fields.record(at: cursor) {
                    cursor = field.value.upperBound
                    let name = fields.storage.span.extracting(field.name)
                    guard !HTTP1FieldKind(name).isForbiddenInTrailers else { continue }
                    try lines.line(name, fields.storage.span.extracting(field.value))
                }
                lines.append(text: "\r\n")
            }
        } else if !fields.isEmpty {
            counters.trailersDropped &+= 1
        }
        outputPhase = .ended
    }

    /// What the lines of a head take at most, with those that this connection adds: each field's is shorter than its record, what
    /// stands twice has `more` bytes, and the rest is less than 320.
    static func room(for fields: HTTPFieldBlock, _ more: Int = 0) -> Int { fields.storage.count + more + 320 }
}

extension HTTP1LineWriter {
    /// Adds the lines of all fields but those of a connection; returns what content-length declares, which is left out too, and
    /// whether there is `te: trailers`.
    mutating func fields(
        _ fields: HTTPFieldBlock, _ role: HTTP1Role
    ) throws(HTTP1WriteError) -> (declared: UInt64?, acceptsTrailers: Bool) {
        var declared: UInt64?
        var acceptsTrailers = false
        var hasCookie = false
        var cursor = 0
        let bytes = fields.storage.span
        while let field = fields.record(at: cursor) {
            cursor = field.value.upperBound
            let name = bytes.extracting(field.name)
            let value = bytes.extracting(field.value)
            if name.count > 0, name[0] == 0x3a { continue }
            switch HTTP1FieldKind(name) {
            case .ordinary, .expect: try line(name, value)
            case .host:
                if role == .server { try line(name, value) }
            case .contentLength:
                guard declared == nil, let length = HTTP2MessageRules.decimal(value) else { throw .contentLength }
                declared = UInt64(length)
            case .cookie:
                guard role == .client else {
                    try line(name, value)
                    continue
                }
                // RFC 9113 section 8.2.3: one line, whatever HTTP/2 had made of it.
                if !hasCookie { try cookies(fields, from: field) }
                hasCookie = true
            case .te: acceptsTrailers = acceptsTrailers || value.equals("trailers")
            case .transferEncoding, .connection, .upgrade, .hopByHop: continue
            }
        }
        return (declared, acceptsTrailers)
    }

    private mutating func cookies(
        _ fields: HTTPFieldBlock, from first: HTTPFieldBlock.Record
    ) throws(HTTP1WriteError) {
        let bytes = fields.storage.span
        try line(bytes.extracting(first.name), bytes.extracting(first.value))
        var cursor = first.value.upperBound
        while let field = fields.record(at: cursor) {
            cursor = field.value.upperBound
            guard HTTP1FieldKind(bytes.extracting(field.name)) == .cookie else { continue }
            let value = bytes.extracting(field.value)
            guard ByteScan.isFieldText(value) else { throw .field(name: "cookie") }
            continueLine("; ", value)
        }
    }

    /// Adds Content-Length.
    mutating func contentLength(_ length: UInt64) {
        append(text: "content-length: ")
        append(decimal: length)
        append(text: "\r\n")
    }

    /// Adds the first line of a response.
    mutating func statusLine(_ status: Int) {
        append(text: "HTTP/1.1 ")
        append(decimal: UInt64(status))
        append(text: " ")
        append(text: HTTP1Reason.phrase(of: status))
        append(text: "\r\n")
    }
}
