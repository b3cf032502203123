// Frames that the connection itself writes, appended to its output.

extension [UInt8] {
    mutating func appendFrameHeader(_ header: HTTP2FrameHeader) {
        append(UInt8(truncatingIfNeeded: header.payloadLength >> 16))
        append(UInt8(truncatingIfNeeded: header.payloadLength >> 8))
        append(UInt8(truncatingIfNeeded: header.payloadLength))
        append(header.type.rawValue)
        append(header.flags.rawValue)
        appendBigEndian(header.stream)
    }

    mutating func appendSettings(_ parameters: [(UInt16, UInt32)]) {
        appendFrameHeader(
            HTTP2FrameHeader(payloadLength: parameters.count * 6, type: .settings, flags: [], stream: 0))
        for (identifier, value) in parameters {
            appendBigEndian(identifier)
            appendBigEndian(value)
        }
    }

    mutating func appendSettingsAcknowledgement() {
        appendFrameHeader(HTTP2FrameHeader(payloadLength: 0, type: .settings, flags: .acknowledgement, stream: 0))
    }

    mutating func appendPing(_ opaque: UInt64, acknowledgement: Bool) {
        appendFrameHeader(
            HTTP2FrameHeader(
                payloadLength: 8, type: .ping, flags: acknowledgement ? .acknowledgement : [], stream: 0))
        appendBigEndian(opaque)
    }

    mutating func appendReset(_ stream: UInt32, _ code: HTTP2ErrorCode) {
        appendFrameHeader(HTTP2FrameHeader(payloadLength: 4, type: .resetStream, flags: [], stream: stream))
        appendBigEndian(code.rawValue)
    }

    mutating func appendWindowUpdate(_ stream: UInt32, _ increment: Int) {
        appendFrameHeader(HTTP2FrameHeader(payloadLength: 4, type: .windowUpdate, flags: [], stream: stream))
        appendBigEndian(UInt32(truncatingIfNeeded: increment))
    }

    mutating func appendGoAway(lastStream: UInt32, _ code: HTTP2ErrorCode, text: String) {
        // The text is for a person who reads a packet dump; it must not become a burden.
        let debug = Array(text.utf8.prefix(256))
        appendFrameHeader(HTTP2FrameHeader(payloadLength: 8 + debug.count, type: .goAway, flags: [], stream: 0))
        appendBigEndian(lastStream)
        appendBigEndian(code.rawValue)
        append(contentsOf: debug)
    }

    /// A header block as HEADERS and as many CONTINUATION frames as the peer's frame size asks for.
    mutating func appendHeaders(_ stream: UInt32, block: [UInt8], endStream: Bool, maxFrameSize: Int) {
        var offset = 0
        repeat {
            let length = Swift.min(block.count - offset, maxFrameSize)
            let isLast = offset + length == block.count
            var flags: HTTP2FrameFlags = isLast ? .endHeaders : []
            if endStream, offset == 0 { flags.insert(.endStream) }
            appendFrameHeader(
                HTTP2FrameHeader(
                    payloadLength: length, type: offset == 0 ? .headers : .continuation, flags: flags,
                    stream: stream))
            append(contentsOf: block[offset..<(offset + length)])
            offset += length
        } while offset < block.count
    }
}
