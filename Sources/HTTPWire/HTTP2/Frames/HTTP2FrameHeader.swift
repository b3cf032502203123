/// The nine bytes before each frame's payload (RFC 9113 section 4.1).
struct HTTP2FrameHeader: Hashable, Sendable {
    static let length = 9

    var payloadLength: Int
    var type: HTTP2FrameType
    var flags: HTTP2FrameFlags
    var stream: UInt32

    init(payloadLength: Int, type: HTTP2FrameType, flags: HTTP2FrameFlags, stream: UInt32) {
        self.payloadLength = payloadLength
        self.type = type
        self.flags = flags
        self.stream = stream
    }

    /// Reads the nine bytes at `offset`, which the caller has checked to be there.
    @inline(__always)
    init(_ bytes: Span<UInt8>, at offset: Int) {
        payloadLength = Int(bytes[offset]) << 16 | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2])
        type = HTTP2FrameType(bytes[offset + 3])
        flags = HTTP2FrameFlags(rawValue: bytes[offset + 4])
        stream = bytes.loadBigEndian32(at: offset + 5) & 0x7fff_ffff
    }
}
