extension HTTP2Connection {
    /// A frame header has been read: checks what can be checked before the payload, and says how to read that.
    mutating func begin(_ header: HTTP2FrameHeader, events: inout [HTTP2Event]) throws(HTTP2Failure) {
        if !peerSettingsSeen {
            guard header.type == .settings, !header.flags.contains(.acknowledgement) else {
                throw HTTP2Failure(.protocolError, "the first frame is not SETTINGS")
            }
        }
        if let pending = pendingHeaders {
            guard header.type == .continuation, header.stream == pending.stream else {
                throw HTTP2Failure(
                    .protocolError,
                    "a frame other than CONTINUATION inside the header block of stream \(pending.stream)")
            }
        }
        guard header.payloadLength <= configuration.maxFrameSize else {
            throw HTTP2Failure(
                .frameSizeError,
                "a frame of \(header.payloadLength) bytes; SETTINGS_MAX_FRAME_SIZE is \(configuration.maxFrameSize)")
        }
        if header.type == .data {
            try beginData(header, events: &events)
            return
        }
        let needed = try neededPayload(header)
        guard header.payloadLength > 0 else {
            phase = .header
            // Sound: an empty span refers to no memory.
            try handle(header, Span<UInt8>(), events: &events)
            return
        }
        phase = needed == 0 ? .skip(remaining: header.payloadLength) : .payload(header, needed: needed)
        if needed == 0 { try handle(header, Span<UInt8>(), events: &events) }
    }

    /// How much of the payload is to be collected; throws if the frame's length or stream is wrong for its type.
    private mutating func neededPayload(_ header: HTTP2FrameHeader) throws(HTTP2Failure) -> Int {
        let length = header.payloadLength
        switch header.type {
        case .headers:
            try requireStream(header, "HEADERS")
            try checkBlockSize(length)
            return length
        case .continuation:
            return try admitContinuation(header)
        case .priority:
            try requireStream(header, "PRIORITY")
            return 0
        case .resetStream:
            try requireStream(header, "RST_STREAM")
            try requireLength(length, 4, "RST_STREAM")
            return 4
        case .settings:
            try requireConnection(header, "SETTINGS")
            try admitSettings(header)
            return length
        case .pushPromise:
            throw HTTP2Failure(.protocolError, "PUSH_PROMISE, but push was never enabled")
        case .ping:
            try requireConnection(header, "PING")
            try requireLength(length, 8, "PING")
            return 8
        case .goAway:
            try requireConnection(header, "GOAWAY")
            guard length >= 8 else { throw HTTP2Failure(.frameSizeError, "GOAWAY of \(length) bytes") }
            return 8
        case .windowUpdate:
            try requireLength(length, 4, "WINDOW_UPDATE")
            return 4
        case .priorityUpdate:
            guard role == .server else { throw HTTP2Failure(.protocolError, "PRIORITY_UPDATE from a server") }
            try requireConnection(header, "PRIORITY_UPDATE")
            guard length >= 4 else { throw HTTP2Failure(.frameSizeError, "PRIORITY_UPDATE of \(length) bytes") }
            return 4
        default:
            counters.unknownFramesReceived &+= 1
            guard rates.unknownFrames.add(configuration.limits.unknownFrames, now: now) else {
                throw .calm("too many frames of unknown type (unknownFrames)")
            }
            return 0
        }
    }

    /// Acts on a frame whose collected payload is complete.
    mutating func handle(
        _ header: HTTP2FrameHeader, _ payload: Span<UInt8>, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        switch header.type {
        case .headers: try handleHeaders(header, payload, events: &events)
        case .continuation: try handleContinuation(header, payload, events: &events)
        case .priority: try handlePriority(header, events: &events)
        case .resetStream:
            try handleReset(header.stream, HTTP2ErrorCode(payload.loadBigEndian32(at: 0)), events: &events)
        case .settings: try handleSettings(header, payload, events: &events)
        case .ping: try handlePing(header, payload, events: &events)
        case .goAway:
            try handleGoAway(
                lastStream: payload.loadBigEndian32(at: 0) & 0x7fff_ffff,
                HTTP2ErrorCode(payload.loadBigEndian32(at: 4)), events: &events)
        case .windowUpdate:
            try handleWindowUpdate(
                header.stream, Int(payload.loadBigEndian32(at: 0) & 0x7fff_ffff), events: &events)
        case .priorityUpdate:
            try countPriorityFrame()
            guard payload.loadBigEndian32(at: 0) & 0x7fff_ffff != 0 else {
                throw HTTP2Failure(.protocolError, "PRIORITY_UPDATE for stream 0")
            }
        default: break
        }
    }

    // MARK: Checks

    private func requireStream(_ header: HTTP2FrameHeader, _ name: StaticString) throws(HTTP2Failure) {
        guard header.stream != 0 else { throw HTTP2Failure(.protocolError, "\(name) on stream 0") }
    }

    private func requireConnection(_ header: HTTP2FrameHeader, _ name: StaticString) throws(HTTP2Failure) {
        guard header.stream == 0 else { throw HTTP2Failure(.protocolError, "\(name) on stream \(header.stream)") }
    }

    private func requireLength(_ length: Int, _ expected: Int, _ name: StaticString) throws(HTTP2Failure) {
        guard length == expected else { throw HTTP2Failure(.frameSizeError, "\(name) of \(length) bytes") }
    }

    // MARK: Small frames

    private mutating func countPriorityFrame() throws(HTTP2Failure) {
        counters.priorityFramesReceived &+= 1
        guard rates.priorityFrames.add(configuration.limits.priorityFrames, now: now) else {
            throw .calm("too many priority frames (priorityFrames)")
        }
    }

    /// The content is ignored, as RFC 9113 section 5.3.2 allows; only the length can be wrong (section 6.3).
    private mutating func handlePriority(
        _ header: HTTP2FrameHeader, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        try countPriorityFrame()
        guard header.payloadLength != 5 else { return }
        guard !isIdle(header.stream) else {
            throw HTTP2Failure(.frameSizeError, "PRIORITY of \(header.payloadLength) bytes on an idle stream")
        }
        try streamError(header.stream, .frameSizeError, events: &events)
    }

    private mutating func handleReset(
        _ id: UInt32, _ code: HTTP2ErrorCode, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        guard !isIdle(id) else { throw HTTP2Failure(.protocolError, "RST_STREAM on idle stream \(id)") }
        counters.resetsReceived &+= 1
        guard rates.resets.add(configuration.limits.resets, now: now) else {
            throw .calm("too many streams reset (resets)")
        }
        guard let slot = streams.slot(of: id), !streams[slot].flags.contains(.lingering) else { return }
        if role == .server, !streams[slot].flags.contains(.headersSent) {
            counters.earlyResetsReceived &+= 1
            guard rates.earlyResets.add(configuration.limits.earlyResets, now: now) else {
                throw .calm("too many streams opened and reset at once (earlyResets)")
            }
        }
        removeStream(at: slot)
        events.append(.reset(HTTP2StreamID(id), code, byPeer: true))
    }

    private mutating func handlePing(
        _ header: HTTP2FrameHeader, _ payload: Span<UInt8>, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        counters.pingsReceived &+= 1
        guard rates.pings.add(configuration.limits.pings, now: now) else {
            throw .calm("too many PING frames (pings)")
        }
        let opaque = UInt64(payload.loadBigEndian32(at: 0)) << 32 | UInt64(payload.loadBigEndian32(at: 4))
        guard header.flags.contains(.acknowledgement) else {
            output.appendPing(opaque, acknowledgement: true)
            try checkPendingOutput()
            return
        }
        if opaque == Self.gracefulPing {
            if localGoAway == .announced { sendFinalGoAway(.noError) }
        } else if opaque & 0xffff_ffff_0000_0000 != HTTP2KeepAliveTimer.opaqueBase {
            events.append(.pong(opaque))
        }
    }
}
