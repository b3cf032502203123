/// What the next byte of input is.
enum HTTP2InputPhase: Sendable {
    /// Server: of the client preface, of which `matched` bytes have been seen.
    case preface(matched: Int)
    /// Of a frame header.
    case header
    /// Of the first `needed` bytes of the frame's payload, which are handled in one piece; the rest is skipped.
    case payload(HTTP2FrameHeader, needed: Int)
    /// Of a DATA frame.
    case data(HTTP2DataProgress)
    /// Of something to be ignored.
    case skip(remaining: Int)
}

/// How far a DATA frame has been read. Its payload is never collected.
struct HTTP2DataProgress: Sendable {
    var stream: UInt32
    /// The Pad Length byte is still to come; `data` then counts all that follows it.
    var awaitsPadLength: Bool
    /// Bytes of data to come.
    var data: Int
    /// Bytes of padding to come.
    var padding: Int
    var endStream: Bool
}

/// A header block whose CONTINUATION frames are still to come.
struct HTTP2PendingHeaders: Sendable {
    var stream: UInt32
    var endStream: Bool
    var continuations: Int
}
