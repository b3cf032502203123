/// How one end of an HTTP/1.1 connection behaves.
package struct HTTP1Configuration: Hashable, Sendable {
    /// Server: `:scheme` of requests whose target does not say it, and the only one that a target may say. `https` over TLS.
    package var scheme: HTTP1Scheme = .http
    /// Protocols of Upgrade, in lower case, that become an extended CONNECT. Others are ignored, as RFC 9110 section 7.8 allows,
    /// and the request goes on without the field. Istio's default is `websocket` alone.
    package var upgrades: [String] = ["websocket"]
    /// Client: where a WebSocket key comes from if the request, which then came by HTTP/2, has none. A random number.
    package var webSocketSeed: UInt64 = 0
    /// Exchanges on one connection, 0 for no end: the last one says `Connection: close` (DestinationRule's maxRequestsPerConnection).
    package var exchanges: UInt64 = 0
    /// Bounds on what a peer may do.
    package var limits = HTTP1Limits()

    /// The defaults.
    package init() {}
}
