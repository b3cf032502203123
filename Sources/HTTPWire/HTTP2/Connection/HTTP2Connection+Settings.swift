extension HTTP2Connection {
    mutating func queuePreface() {
        var parameters: [(UInt16, UInt32)] = []
        if role == .client {
            // Sound: the pointer of a StaticString lives for ever.
            let preface = Self.clientPreface
            unsafe output.append(
                contentsOf: UnsafeBufferPointer(start: preface.utf8Start, count: preface.utf8CodeUnitCount))
            parameters.append((HTTP2SettingIdentifier.enablePush, 0))
        } else {
            parameters.append((HTTP2SettingIdentifier.maxConcurrentStreams, configuration.maxConcurrentStreams))
            if configuration.enableConnectProtocol {
                parameters.append((HTTP2SettingIdentifier.enableConnectProtocol, 1))
            }
            parameters.append((HTTP2SettingIdentifier.noRFC7540Priorities, 1))
        }
        if configuration.headerTableSize != 4096 {
            parameters.append(
                (HTTP2SettingIdentifier.headerTableSize, UInt32(truncatingIfNeeded: configuration.headerTableSize)))
        }
        parameters.append(
            (HTTP2SettingIdentifier.initialWindowSize, UInt32(truncatingIfNeeded: announcedStreamWindow)))
        parameters.append(
            (HTTP2SettingIdentifier.maxFrameSize, UInt32(truncatingIfNeeded: configuration.maxFrameSize)))
        parameters.append(
            (HTTP2SettingIdentifier.maxHeaderListSize, UInt32(truncatingIfNeeded: configuration.maxHeaderListSize)))
        output.appendSettings(parameters)
        // With an account only once the peer has read SETTINGS: streams of one that has not may have more than their leasts.
        if memory == nil, configuration.connectionWindow > Self.defaultWindow {
            output.appendWindowUpdate(0, configuration.connectionWindow - Self.defaultWindow)
        }
    }

    /// Checks a SETTINGS frame before its payload is collected.
    mutating func admitSettings(_ header: HTTP2FrameHeader) throws(HTTP2Failure) {
        counters.settingsReceived &+= 1
        guard rates.settings.add(configuration.limits.settings, now: now) else {
            throw .calm("too many SETTINGS frames (settings)")
        }
        let length = header.payloadLength
        let isAcknowledgement = header.flags.contains(.acknowledgement)
        guard isAcknowledgement ? length == 0 : length % 6 == 0 else {
            throw HTTP2Failure(.frameSizeError, "SETTINGS of \(length) bytes")
        }
        guard length / 6 <= configuration.limits.settingsParameters else {
            throw .calm("SETTINGS with \(length / 6) parameters (settingsParameters)")
        }
    }

    mutating func handleSettings(
        _ header: HTTP2FrameHeader, _ payload: Span<UInt8>, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        if header.flags.contains(.acknowledgement) {
            applyOwnSettings()
            return
        }
        let isFirst = !peerSettingsSeen
        peerSettingsSeen = true
        // Without a word about it, the number of streams is not limited (section 6.5.2).
        if isFirst { peerMaxConcurrentStreams = .max }
        var offset = 0
        while offset + 6 <= payload.count {
            try apply(payload.loadBigEndian16(at: offset), payload.loadBigEndian32(at: offset + 2), events: &events)
            offset += 6
        }
        output.appendSettingsAcknowledgement()
        try checkPendingOutput()
        events.append(.settings(maxConcurrentStreams: peerMaxConcurrentStreams))
    }

    /// The peer acknowledged our SETTINGS: values that are lower than the defaults hold from here on.
    private mutating func applyOwnSettings() {
        guard !settingsAcknowledged else { return }
        settingsAcknowledged = true
        let increment = receiveWindow.grow(to: configuration.connectionWindow)
        if increment > 0 { output.appendWindowUpdate(0, increment) }
        decoder.setLimit(configuration.headerTableSize)
        let excess = receiveStreamWindow - announcedStreamWindow
        receiveStreamWindow = announcedStreamWindow
        guard excess > 0 else { return }
        for slot in streams.slots.indices
        where streams.slots[slot].id != 0 && !streams.slots[slot].flags.contains(.remoteEnded) {
            streams[slot].receiveWindow -= Int32(truncatingIfNeeded: excess)
        }
    }

    private mutating func apply(
        _ identifier: UInt16, _ value: UInt32, events: inout [HTTP2Event]
    ) throws(HTTP2Failure) {
        switch identifier {
        case HTTP2SettingIdentifier.headerTableSize:
            encoder.setPeerLimit(Int(value))
        case HTTP2SettingIdentifier.enablePush:
            guard value <= (role == .server ? 1 : 0) else {
                throw HTTP2Failure(.protocolError, "SETTINGS_ENABLE_PUSH is \(value)")
            }
        case HTTP2SettingIdentifier.maxConcurrentStreams:
            peerMaxConcurrentStreams = value
        case HTTP2SettingIdentifier.initialWindowSize:
            guard value <= 0x7fff_ffff else {
                throw HTTP2Failure(.flowControlError, "SETTINGS_INITIAL_WINDOW_SIZE is \(value)")
            }
            try changeInitialSendWindow(to: Int(value), events: &events)
        case HTTP2SettingIdentifier.maxFrameSize:
            guard value >= 16_384, value <= 0xff_ffff else {
                throw HTTP2Failure(.protocolError, "SETTINGS_MAX_FRAME_SIZE is \(value)")
            }
            peerMaxFrameSize = Int(value)
        case HTTP2SettingIdentifier.enableConnectProtocol:
            guard value <= 1, !(value == 0 && peerAllowsConnectProtocol) else {
                throw HTTP2Failure(.protocolError, "SETTINGS_ENABLE_CONNECT_PROTOCOL is \(value)")
            }
            peerAllowsConnectProtocol = value == 1
        case HTTP2SettingIdentifier.noRFC7540Priorities:
            guard value <= 1 else {
                throw HTTP2Failure(.protocolError, "SETTINGS_NO_RFC7540_PRIORITIES is \(value)")
            }
        default:
            // Unknown ones are to be ignored (section 6.5.2), and SETTINGS_MAX_HEADER_LIST_SIZE is advice: a peer that
            // gets too long a list answers for that itself.
            break
        }
    }
}
