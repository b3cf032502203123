package import MeshModel

/// Bounds of connections and requests to one cluster, per worker (I 2.15). `Int.max` is no bound.
package struct ClusterLimits: Sendable, Hashable {
    /// How long connecting may take without another.
    package static let defaultConnectTimeout = Duration.seconds(10)
    /// How long a connection may be idle without another.
    package static let defaultIdleTimeout = Duration.seconds(3_600)

    /// Connections at once.
    package var connections = Int.max
    /// Requests that wait for a connection.
    package var pendingRequests = Int.max
    /// Requests at once.
    package var requests = Int.max
    /// Retries at once.
    package var retries = Int.max
    /// Requests until a connection is closed.
    package var requestsPerConnection = Int.max
    /// Requests at once on one HTTP/2 connection.
    package var concurrentStreams = Int.max
    package var connectTimeout = defaultConnectTimeout
    /// Nil for ever.
    package var idleTimeout: Duration? = defaultIdleTimeout
    /// How long a connection that is no HTTP may be without a byte; nil for ever.
    package var tcpIdleTimeout: Duration? = defaultIdleTimeout
    /// Nil for ever.
    package var connectionDuration: Duration?
    package var tcpKeepalive: DestinationRuleSpec.ConnectionPool.TCP.Keepalive?
    package var http2Keepalive: DestinationRuleSpec.ConnectionPool.HTTP.Keepalive?
    /// Whether HTTP/1.1 of a client goes on as HTTP/2.
    package var upgradesToHTTP2 = false
    /// Whether requests go on in the version that the client speaks.
    package var usesClientProtocol = false

    /// The bounds of a block; 0 and nil are none.
    init(_ pool: DestinationRuleSpec.ConnectionPool?) {
        func bound(_ count: Int?) -> Int { count.flatMap { $0 > 0 ? $0 : nil } ?? .max }
        connections = bound(pool?.tcp?.maxConnections)
        pendingRequests = bound(pool?.http?.http1MaxPendingRequests)
        requests = bound(pool?.http?.http2MaxRequests)
        retries = bound(pool?.http?.maxRetries)
        requestsPerConnection = bound(pool?.http?.maxRequestsPerConnection)
        concurrentStreams = bound(pool?.http?.maxConcurrentStreams)
        connectTimeout = pool?.tcp?.connectTimeout ?? Self.defaultConnectTimeout
        let idle = pool?.http?.idleTimeout ?? pool?.tcp?.idleTimeout ?? Self.defaultIdleTimeout
        idleTimeout = idle > .zero ? idle : nil
        let tcpIdle = pool?.tcp?.idleTimeout ?? Self.defaultIdleTimeout
        tcpIdleTimeout = tcpIdle > .zero ? tcpIdle : nil
        connectionDuration = pool?.tcp?.maxConnectionDuration
        tcpKeepalive = pool?.tcp?.tcpKeepalive
        http2Keepalive = pool?.http?.http2KeepAlive
        upgradesToHTTP2 = pool?.http?.h2UpgradePolicy == .always
        usesClientProtocol = pool?.http?.useClientProtocol ?? false
    }
}
