import HTTPWire

/// Bounds of one HTTP/1.1 server. What goes over a bound is refused with its own status, or closed; others go on.
package struct HTTP1ServerLimits: Sendable {
    /// Connections at once; the next one is closed at once.
    package var connections = 64
    /// Bytes of one connection that have arrived behind a request that is not answered.
    package var pipelinedBytes = 64 << 10
    /// Bytes of one request's content.
    package var contentBytes = 256 << 10
    /// How long a connection may be silent, between requests or inside one.
    package var idle: Duration = .seconds(60)
    /// How long a client may take to read an answer.
    package var write: Duration = .seconds(30)

    /// The defaults.
    package init() {}

    /// The codec's: these pages are no proxy, so nothing is upgraded.
    var configuration: HTTP1Configuration {
        var configuration = HTTP1Configuration()
        configuration.limits.contentBytes = UInt64(contentBytes)
        configuration.limits.idleTime = idle
        configuration.upgrades = []
        return configuration
    }
}
