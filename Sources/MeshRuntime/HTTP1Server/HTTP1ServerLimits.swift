import HTTPWire

/// Bounds of one HTTP/1.1 server. What goes over a bound is refused with its own status, or closed; others go on.
package struct HTTP1ServerLimits: Sendable {
    /// Connections at once; the next one is closed at once.
    package var connections = 64
    /// Requests of one connection that have arrived and are not answered.
    package var pipelined = 16
    /// Bytes of one request's content.
    package var contentBytes = 256 << 10
    /// How long a connection may be silent, between requests or inside one.
    package var idle: Duration = .seconds(60)
    /// How long a client may take to read an answer.
    package var write: Duration = .seconds(30)

    /// The defaults.
    package init() {}

    /// The parser's bounds.
    var parser: HTTP1Limits {
        var limits = HTTP1Limits()
        limits.contentBytes = UInt64(contentBytes)
        return limits
    }
}
