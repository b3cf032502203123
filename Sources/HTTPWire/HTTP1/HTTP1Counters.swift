/// What one connection has seen since it began, for metrics. Plain numbers, wrapping at 2^64.
package struct HTTP1Counters: Hashable, Sendable {
    /// Exchanges begun.
    package var exchanges: UInt64 = 0
    /// Messages that were refused as malformed or ambiguous.
    package var malformedMessages: UInt64 = 0
    /// Bounds of `HTTP1Limits` that were exceeded, times included.
    package var boundsExceeded: UInt64 = 0
    /// Bytes of content received, framing not counted.
    package var contentBytesReceived: UInt64 = 0
    /// Bytes of content sent, framing not counted.
    package var contentBytesSent: UInt64 = 0
    /// Trailers that could not be sent, since the content was not chunked.
    package var trailersDropped: UInt64 = 0
    /// Connections that became tunnels (CONNECT, Upgrade): 0 or 1.
    package var tunnels: UInt64 = 0

    /// All zero.
    package init() {}
}
