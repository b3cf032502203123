extension HTTP2Connection {
    /// A DATA frame begins. The whole frame counts against both windows at once (RFC 9113 section 6.9.1).
    mutating func beginData(_ header: HTTP2FrameHeader, events: inout [HTTP2Event]) throws(HTTP2Failure) {
        let length = header.payloadLength
        let id = header.stream
        guard id != 0 else { throw HTTP2Failure(.protocolError, "DATA on stream 0") }
        let padded = header.flags.contains(.padded)
        guard !padded || length > 0 else { throw HTTP2Failure(.frameSizeError, "padded DATA without a length") }
        counters.dataFramesReceived &+= 1
        guard receiveWindow.consume(length) else {
            throw HTTP2Failure(.flowControlError, "more DATA than the connection's window allows")
        }
        memory?.hold(length)
        guard let slot = streams.slot(of: id) else {
            guard !isIdle(id) else { throw HTTP2Failure(.protocolError, "DATA on idle stream \(id)") }
            discard(length)
            if !recentResets.contains(id) { try streamError(id, .streamClosed, events: &events) }
            return
        }
        let flags = streams[slot].flags
        if flags.contains(.remoteEnded) {
            discard(length)
            try streamError(id, .streamClosed, events: &events)
            return
        }
        guard flags.contains(.headersReceived) else {
            discard(length)
            try malformed(id, .unexpectedData, events: &events)
            return
        }
        guard length <= Int(streams[slot].receiveWindow) else {
            discard(length)
            try streamError(id, .flowControlError, events: &events)
            return
        }
        streams[slot].receiveWindow -= Int32(truncatingIfNeeded: length)
        streams[slot].uncredited += Int32(truncatingIfNeeded: length)
        let endStream = header.flags.contains(.endStream)
        if padded {
            phase = .data(
                HTTP2DataProgress(
                    stream: id, awaitsPadLength: true, data: length - 1, padding: 0, endStream: endStream))
        } else {
            try admitContent(
                HTTP2DataProgress(
                    stream: id, awaitsPadLength: false, data: length, padding: 0, endStream: endStream),
                slot: slot, events: &events)
        }
    }

    /// Ignores a payload that counted against the connection's window only.
    private mutating func discard(_ length: Int) {
        creditConnection(length)
        phase = length == 0 ? .header : .skip(remaining: length)
    }

    /// The amount of data of a frame is known: checks it against content-length and ends what is empty.
    private mutating func admitContent(
        _ progress: HTTP2DataProgress, slot: Int, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        let rest = progress.data + progress.padding
        counters.dataBytesReceived &+= UInt64(progress.data)
        let promised = streams[slot].contentRemaining
        if promised >= 0 {
            let remaining = promised - Int64(progress.data)
            guard remaining >= 0, !progress.endStream || remaining == 0 else {
                phase = rest == 0 ? .header : .skip(remaining: rest)
                try malformed(progress.stream, .contentLength, events: &events)
                return
            }
            streams[slot].contentRemaining = remaining
        }
        if progress.data == 0 {
            phase = rest == 0 ? .header : .skip(remaining: rest)
            if progress.endStream {
                endRemote(slot)
                events.append(.data(HTTP2StreamID(progress.stream), 0..<0, endStream: true))
            } else {
                counters.emptyDataFramesReceived &+= 1
                guard rates.emptyDataFrames.add(configuration.limits.emptyDataFrames, now: now) else {
                    throw .calm("too many DATA frames without data (emptyDataFrames)")
                }
            }
            return
        }
        phase = .data(progress)
    }

    /// Reads on in a DATA frame that has at least one byte to come.
    @inline(__always)
    mutating func readData(
        _ progress: inout HTTP2DataProgress, _ bytes: Span<UInt8>, at offset: inout Int, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        if progress.awaitsPadLength {
            let padding = Int(bytes[offset])
            offset += 1
            guard padding <= progress.data else {
                throw HTTP2Failure(.protocolError, "DATA has more padding than payload")
            }
            progress.awaitsPadLength = false
            progress.data -= padding
            progress.padding = padding
            guard let slot = streams.slot(of: progress.stream) else {
                let rest = progress.data + padding
                phase = rest == 0 ? .header : .skip(remaining: rest)
                return
            }
            credit(HTTP2StreamID(progress.stream), byteCount: padding + 1)
            try admitContent(progress, slot: slot, events: &events)
            return
        }
        let count = min(progress.data, bytes.count - offset)
        let range = offset..<(offset + count)
        offset += count
        progress.data -= count
        let isLast = progress.data == 0
        if isLast {
            phase = progress.padding == 0 ? .header : .skip(remaining: progress.padding)
        } else {
            phase = .data(progress)
        }
        // The stream may have been reset since the frame began; its bytes were credited then.
        guard let slot = streams.slot(of: progress.stream) else { return }
        let endStream = progress.endStream && isLast
        if endStream { endRemote(slot) }
        events.append(.data(HTTP2StreamID(progress.stream), range, endStream: endStream))
    }
}
