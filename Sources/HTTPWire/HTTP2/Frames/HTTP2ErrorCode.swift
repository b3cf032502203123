/// An HTTP/2 error code (RFC 9113 section 7). Codes that the table does not name are carried unchanged.
package struct HTTP2ErrorCode: Hashable, Sendable, CustomStringConvertible {
    /// The 32-bit number on the wire.
    package var rawValue: UInt32

    /// Any number is a valid code.
    package init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Graceful end.
    package static let noError = Self(0x0)
    /// The peer broke the protocol in a way that no other code names.
    package static let protocolError = Self(0x1)
    /// This side failed.
    package static let internalError = Self(0x2)
    /// The peer sent more than a window allowed, or pushed a window past 2^31-1.
    package static let flowControlError = Self(0x3)
    /// SETTINGS were not acknowledged in time.
    package static let settingsTimeout = Self(0x4)
    /// A frame arrived for a stream that its sender had ended.
    package static let streamClosed = Self(0x5)
    /// A frame has a length that its type forbids.
    package static let frameSizeError = Self(0x6)
    /// The stream was not processed at all; it may be tried again.
    package static let refusedStream = Self(0x7)
    /// The stream is no longer wanted.
    package static let cancel = Self(0x8)
    /// The header compression state is lost.
    package static let compressionError = Self(0x9)
    /// The connection behind a CONNECT was reset.
    package static let connectError = Self(0xa)
    /// The peer does something legal too often or too much.
    package static let enhanceYourCalm = Self(0xb)
    /// The transport is not safe enough.
    package static let inadequateSecurity = Self(0xc)
    /// The request needs HTTP/1.1.
    package static let http11Required = Self(0xd)

    private static let names = [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
        "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ]

    /// The name of RFC 9113 section 7, or the number in hex.
    package var description: String {
        if rawValue < UInt32(Self.names.count) { return Self.names[Int(rawValue)] }
        return "0x" + String(rawValue, radix: 16)
    }
}
