extension HTTP2Connection {
    func checkBlockSize(_ size: Int) throws(HTTP2Failure) {
        guard size <= configuration.limits.headerBlockBytes else {
            throw .calm("a header block of more than \(configuration.limits.headerBlockBytes) bytes (headerBlockBytes)")
        }
    }

    /// Checks a CONTINUATION before its payload is collected; returns the payload's length.
    mutating func admitContinuation(_ header: HTTP2FrameHeader) throws(HTTP2Failure) -> Int {
        guard var pending = pendingHeaders else {
            throw HTTP2Failure(.protocolError, "CONTINUATION without an open header block")
        }
        pending.continuations += 1
        guard pending.continuations <= configuration.limits.continuationFrames else {
            throw .calm(
                "more than \(configuration.limits.continuationFrames) CONTINUATION frames (continuationFrames)")
        }
        try checkBlockSize(headerBlock.count + header.payloadLength)
        pendingHeaders = pending
        return header.payloadLength
    }

    mutating func handleHeaders(
        _ header: HTTP2FrameHeader, _ payload: Span<UInt8>, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        if role == .server {
            guard header.stream & 1 == 1 else {
                throw HTTP2Failure(.protocolError, "HEADERS on stream \(header.stream), which a client cannot open")
            }
        } else {
            guard header.stream & 1 == 1, !isIdle(header.stream) else {
                throw HTTP2Failure(.protocolError, "HEADERS on stream \(header.stream), which was never opened")
            }
        }
        var start = 0
        var end = payload.count
        if header.flags.contains(.padded) {
            guard payload.count > 0 else { throw HTTP2Failure(.frameSizeError, "padded HEADERS without a length") }
            start = 1
            end -= Int(payload[0])
        }
        if header.flags.contains(.priority) {
            // The fields of RFC 7540 priority are ignored (RFC 9113 section 5.3.2).
            guard payload.count - start >= 5 else {
                throw HTTP2Failure(.frameSizeError, "HEADERS too short for its priority fields")
            }
            start += 5
        }
        guard start <= end else { throw HTTP2Failure(.protocolError, "HEADERS has more padding than payload") }
        let fragment = payload.extracting(start..<end)
        let endStream = header.flags.contains(.endStream)
        if header.flags.contains(.endHeaders) {
            try receiveBlock(header.stream, fragment, endStream: endStream, events: &events)
        } else {
            headerBlock.append(span: fragment)
            pendingHeaders = HTTP2PendingHeaders(stream: header.stream, endStream: endStream, continuations: 0)
        }
    }

    mutating func handleContinuation(
        _ header: HTTP2FrameHeader, _ payload: Span<UInt8>, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        headerBlock.append(span: payload)
        guard header.flags.contains(.endHeaders), let pending = pendingHeaders else { return }
        var block: [UInt8] = []
        swap(&block, &headerBlock)
        pendingHeaders = nil
        try receiveBlock(pending.stream, block.span, endStream: pending.endStream, events: &events)
    }

    /// A complete header block. It is decoded whatever becomes of its stream, for the sake of the table.
    private mutating func receiveBlock(
        _ id: UInt32, _ block: Span<UInt8>, endStream: Bool, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        var fields = HTTPFieldBlock()
        let fits: Bool
        do throws(HPACKError) {
            fits = try decoder.decode(block, into: &fields, maximumListSize: configuration.maxHeaderListSize)
        } catch {
            throw error == .listTooLarge
                ? .calm(error.description) : HTTP2Failure(.compressionError, error.description)
        }
        if let slot = streams.slot(of: id) {
            guard !streams[slot].flags.contains(.remoteEnded) else {
                try streamError(id, .streamClosed, events: &events)
                return
            }
            guard fits else {
                counters.boundsExceeded &+= 1
                try streamError(id, .enhanceYourCalm, events: &events)
                return
            }
            if role == .client, !streams[slot].flags.contains(.headersReceived) {
                try receiveResponse(slot, fields, endStream: endStream, events: &events)
            } else {
                try receiveTrailers(slot, fields, endStream: endStream, events: &events)
            }
        } else if role == .server, isIdle(id) {
            try receiveRequest(id, fields, fits: fits, endStream: endStream, events: &events)
        } else if !recentResets.contains(id) {
            guard role == .client else {
                throw HTTP2Failure(.streamClosed, "HEADERS on closed stream \(id)")
            }
            try streamError(id, .streamClosed, events: &events)
        } else if role == .server {
            // Trailers, sent before our reset was seen. They are the last of a stream, and there is no second one.
            recentResets.remove(id)
        }
    }

    private mutating func receiveRequest(
        _ id: UInt32, _ fields: HTTPFieldBlock, fits: Bool, endStream: Bool, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        lastPeerStream = id
        if case .sent(let last) = localGoAway, id > last {
            recentResets.insert(id)
            return
        }
        let most = Int(configuration.maxConcurrentStreams)
        // Streams that ended but hold uncredited bytes cost memory too, so they are bounded as well.
        if activeStreams >= most || streams.count >= most * 4 {
            counters.streamsRefused &+= 1
            // Before it has seen our SETTINGS a peer is free to try.
            try streamError(id, .refusedStream, counts: settingsAcknowledged, events: &events)
            return
        }
        guard fits else {
            counters.boundsExceeded &+= 1
            if configuration.answersLargeHeaderLists { return try answerLargeHeaderList(id, endStream: endStream) }
            try streamError(id, .enhanceYourCalm, events: &events)
            return
        }
        let request: HTTP2MessageRules.Request
        do throws(HTTP2MalformedMessage) {
            request = try HTTP2MessageRules.request(
                fields, allowsConnectProtocol: configuration.enableConnectProtocol)
            if endStream, request.contentLength > 0 { throw .contentLength }
        } catch {
            try malformed(id, error, events: &events)
            return
        }
        var stream = newStream(id)
        stream.flags.insert(.headersReceived)
        if request.isConnect { stream.flags.insert(.isConnect) }
        if request.isHead { stream.flags.insert(.isHead) }
        stream.contentRemaining = request.contentLength
        if endStream { stream.flags.insert(.remoteEnded) }
        enter(stream)
        counters.streamsAccepted &+= 1
        var fields = fields
        if request.cookies > 1 { fields.joinCookies() }
        if request.hasHost { fields.moveHost() }
        events.append(.headers(HTTP2StreamID(id), fields, endStream: endStream))
    }

    /// Section 10.5.1: 431, and no more of the request. The stream never makes it into the table.
    private mutating func answerLargeHeaderList(_ id: UInt32, endStream: Bool) throws(HTTP2Failure) {
        counters.resetsCaused &+= 1
        guard rates.resetsCaused.add(configuration.limits.resetsCaused, now: now) else {
            throw .calm("too many stream errors (resetsCaused)")
        }
        queueHeaders(id, .response(status: 431), endStream: true)
        if !endStream { output.appendReset(id, .noError) }
        recentResets.insert(id)
        try checkPendingOutput()
    }

    private mutating func receiveResponse(
        _ slot: Int, _ fields: HTTPFieldBlock, endStream: Bool, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        let id = streams[slot].id
        do throws(HTTP2MalformedMessage) {
            let response = try HTTP2MessageRules.response(fields)
            if response.status < 200 {
                let seen = Int(streams[slot].informationalResponses)
                guard !endStream, seen < configuration.limits.informationalResponses else {
                    throw .informationalResponse
                }
                streams[slot].informationalResponses += 1
                events.append(.headers(HTTP2StreamID(id), fields, endStream: false))
                return
            }
            let flags = streams[slot].flags
            let hasNoContent = flags.contains(.isHead) || response.status == 204 || response.status == 304
            let isTunnel = flags.contains(.isConnect) && response.status < 300
            if isTunnel {
                streams[slot].contentRemaining = -1
            } else if hasNoContent {
                streams[slot].contentRemaining = 0
            } else {
                if endStream, response.contentLength > 0 { throw .contentLength }
                streams[slot].contentRemaining = response.contentLength
                streams[slot].flags.remove(.isConnect)
            }
        } catch {
            try malformed(id, error, events: &events)
            return
        }
        streams[slot].flags.insert(.headersReceived)
        if endStream { endRemote(slot) }
        events.append(.headers(HTTP2StreamID(id), fields, endStream: endStream))
    }

    private mutating func receiveTrailers(
        _ slot: Int, _ fields: HTTPFieldBlock, endStream: Bool, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        let id = streams[slot].id
        do throws(HTTP2MalformedMessage) {
            guard endStream, !streams[slot].flags.contains(.isConnect) else { throw .unexpectedHeaders }
            try HTTP2MessageRules.trailers(fields)
            guard streams[slot].contentRemaining <= 0 else { throw .contentLength }
        } catch {
            try malformed(id, error, events: &events)
            return
        }
        endRemote(slot)
        events.append(.trailers(HTTP2StreamID(id), fields))
    }

    /// A stream error of type PROTOCOL_ERROR (section 8.1.1).
    mutating func malformed(
        _ id: UInt32, _ reason: HTTP2MalformedMessage, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        counters.malformedMessages &+= 1
        lastMalformedMessage = reason
        try streamError(id, .protocolError, events: &events)
    }
}
