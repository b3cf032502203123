/// Durations of the data path.
package struct DataPlaneTimeouts: Sendable {
    /// From the first SYN to an established upstream connection, or to an established tunnel (Z 2.4, 2.5).
    package var connect: Duration = .seconds(10)
    /// From a CONNECT on an established tunnel to its answer, for which the peer connects to the application: longer than that may take
    /// there. ztunnel: AMBIT_CONNECT_ANSWER_TIMEOUT
    package var connectAnswer: Duration = .seconds(20)
    /// From accept to the end of the TLS handshake of an inbound tunnel.
    package var handshake: Duration = .seconds(10)
    /// How long a connection waits for its workload's record or certificate to arrive (Z 2.4, 3).
    package var workload: Duration = .seconds(5)
    /// How long a tunnel without streams stays in the pool (POOL_UNUSED_RELEASE_TIMEOUT).
    package var tunnelIdle: Duration = .seconds(300)
    /// How long an endpoint whose connect failed is passed over while others are there.
    package var ejection: Duration = .seconds(10)

    /// The defaults.
    package init() {}
}
