extension HTTP2Connection {
    /// The PING whose answer tells that the peer has seen the warning.
    static let gracefulPing: UInt64 = 0xa3b1_7c01_0000_0000

    /// Stops new streams and lets the open ones finish.
    ///
    /// A graceful server first announces it with the highest stream number, and names the true last stream when the
    /// peer has answered a PING, so that no request under way is lost (RFC 9113 section 6.8). In all other cases the
    /// last word is said at once. The caller closes when `openStreamCount` is 0 and its output is flushed.
    package mutating func goAway(_ code: HTTP2ErrorCode, graceful: Bool) {
        guard !hasFailed else { return }
        switch localGoAway {
        case .none where graceful && role == .server:
            output.appendGoAway(lastStream: HTTP2StreamID.maximum.rawValue, code, text: "")
            output.appendPing(Self.gracefulPing, acknowledgement: false)
            localGoAway = .announced
        case .none:
            sendFinalGoAway(code)
        case .announced, .sent:
            if !graceful { sendFinalGoAway(code) }
        }
    }

    mutating func sendFinalGoAway(_ code: HTTP2ErrorCode) {
        // The number may not rise again (section 6.8).
        var last = lastPeerStream
        if case .sent(let earlier) = localGoAway { last = earlier }
        output.appendGoAway(lastStream: last, code, text: "")
        localGoAway = .sent(lastStream: last)
    }

    /// True once the last word of GOAWAY is out and no stream is left: flush and close.
    package var isDrained: Bool {
        if case .sent = localGoAway { return activeStreams == 0 }
        return peerGoAwayLast != nil && activeStreams == 0 && role == .client
    }

    mutating func handleGoAway(
        lastStream: UInt32, _ code: HTTP2ErrorCode, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        if let earlier = peerGoAwayLast, lastStream > earlier {
            throw HTTP2Failure(.protocolError, "GOAWAY raises its last stream from \(earlier) to \(lastStream)")
        }
        peerGoAwayLast = lastStream
        events.append(.goAway(lastStream: HTTP2StreamID(lastStream), code))
        guard role == .client else { return }
        let refused = streams.slots.filter { $0.id > lastStream }.map(\.id).sorted()
        for id in refused {
            guard let slot = streams.slot(of: id) else { continue }
            let wasOpen = !streams[slot].flags.contains(.lingering)
            removeStream(at: slot)
            recentResets.insert(id)
            if wasOpen { events.append(.reset(HTTP2StreamID(id), .refusedStream, byPeer: true)) }
        }
    }
}
