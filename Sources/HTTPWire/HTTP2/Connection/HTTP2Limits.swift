/// Bounds on what a peer may do that is legal in itself. Each has a test that reaches it.
///
/// A violation ends the connection with ENHANCE_YOUR_CALM and a text that names the bound, unless said otherwise.
package struct HTTP2Limits: Hashable, Sendable {
    /// CONTINUATION frames of one header block.
    package var continuationFrames: Int = 32
    /// Bytes of one header block as sent, over HEADERS and its CONTINUATION frames.
    package var headerBlockBytes: Int = 128 * 1024
    /// 1xx responses for one request; at most 255. Beyond it only the stream is reset.
    package var informationalResponses: Int = 16
    /// Streams that the peer reset before a final response was sent ("rapid reset").
    package var earlyResets = HTTP2Rate(1_000)
    /// All streams that the peer reset. High: carrying a TCP reset through is everyday work for a tunnel.
    package var resets = HTTP2Rate(100_000)
    /// Streams that the peer made this side reset: malformed requests, frames on closed streams, refused streams.
    package var resetsCaused = HTTP2Rate(400)
    /// PING frames, acknowledgements included.
    package var pings = HTTP2Rate(1_000)
    /// SETTINGS frames, acknowledgements included.
    package var settings = HTTP2Rate(64)
    /// How long the peer may take to acknowledge our SETTINGS once the transport carries bytes (RFC 9113 section 6.5.3); later
    /// the connection ends with SETTINGS_TIMEOUT. Until then the defaults hold, which may be larger than what we announced.
    package var settingsAcknowledgement: Duration = .seconds(10)
    /// Parameters in one SETTINGS frame.
    package var settingsParameters: Int = 64
    /// DATA frames without a byte of data that do not end a stream.
    package var emptyDataFrames = HTTP2Rate(1_000)
    /// PRIORITY and PRIORITY_UPDATE frames.
    package var priorityFrames = HTTP2Rate(4_000)
    /// WINDOW_UPDATE frames beyond those that sent data explains (three for each `didSendData` and one for each KiB).
    package var windowUpdates = HTTP2Rate(10_000)
    /// Frames of unknown type.
    package var unknownFrames = HTTP2Rate(1_000)
    /// Bytes that wait to be written when a frame of the peer asks for an answer.
    package var pendingOutputBytes: Int = 1024 * 1024
    /// Streams reset by this side whose late frames are still ignored without an error; the oldest is forgotten.
    package var rememberedResets: Int = 256

    /// The defaults.
    package init() {}
}
