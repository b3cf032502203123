/// What one connection has seen since it began, for metrics and the admin page. Plain numbers, wrapping at 2^64.
package struct HTTP2Counters: Hashable, Sendable {
    /// Streams opened by the peer.
    package var streamsAccepted: UInt64 = 0
    /// Streams opened by this side.
    package var streamsOpened: UInt64 = 0
    /// Streams refused because the peer had too many.
    package var streamsRefused: UInt64 = 0
    /// Messages refused as malformed (RFC 9113 section 8.1.1).
    package var malformedMessages: UInt64 = 0
    /// RST_STREAM received.
    package var resetsReceived: UInt64 = 0
    /// RST_STREAM received before a final response was sent.
    package var earlyResetsReceived: UInt64 = 0
    /// RST_STREAM sent because of something the peer did.
    package var resetsCaused: UInt64 = 0
    /// PING received, acknowledgements included.
    package var pingsReceived: UInt64 = 0
    /// SETTINGS received, acknowledgements included.
    package var settingsReceived: UInt64 = 0
    /// DATA frames received.
    package var dataFramesReceived: UInt64 = 0
    /// Bytes of DATA received, padding not counted.
    package var dataBytesReceived: UInt64 = 0
    /// Bytes of DATA sent.
    package var dataBytesSent: UInt64 = 0
    /// WINDOW_UPDATE received.
    package var windowUpdatesReceived: UInt64 = 0
    /// WINDOW_UPDATE sent.
    package var windowUpdatesSent: UInt64 = 0
    /// Empty DATA frames received that did not end a stream.
    package var emptyDataFramesReceived: UInt64 = 0
    /// PRIORITY and PRIORITY_UPDATE received.
    package var priorityFramesReceived: UInt64 = 0
    /// Frames of unknown type received.
    package var unknownFramesReceived: UInt64 = 0
    /// Bounds of `HTTP2Limits` that were exceeded.
    package var boundsExceeded: UInt64 = 0

    /// All zero.
    package init() {}
}
