package import HTTPWire

/// Settings of a node's gRPC client (Z 5.1).
package struct GRPCClientConfiguration: Sendable {
    /// Sent as `user-agent`.
    package var userAgent = "ambit"
    /// From the first SYN to the end of the TLS handshake, over all addresses of the server.
    package var connectTimeout: Duration = .seconds(5)
    /// Bytes of one message; a longer one ends the call.
    package var maximumMessageSize = GRPCMessageDecoder.defaultMaximumMessageSize
    /// Calls that wait for the connection at once.
    package var waitingCalls = 1024
    /// Windows, frame sizes and the PING that finds a dead server: every 30 s, answered within 10 s.
    package var http2: HTTP2Configuration

    /// The defaults.
    package init() {
        var http2 = HTTP2Configuration()
        http2.keepAlivePing = HTTP2KeepAlive(interval: .seconds(30), timeout: .seconds(10))
        self.http2 = http2
    }
}
