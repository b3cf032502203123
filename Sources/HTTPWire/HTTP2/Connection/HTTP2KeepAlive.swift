/// When to ask a silent peer for a sign of life, and when to give it up. Any received byte is one.
package struct HTTP2KeepAlive: Hashable, Sendable {
    /// Silence after which a PING is sent. 10 s, as Istio's ztunnel.
    package var interval: Duration
    /// Further silence after which the connection fails. 20 s, as Istio's ztunnel.
    package var timeout: Duration

    /// The defaults find a dead peer within 30 s.
    package init(interval: Duration = .seconds(10), timeout: Duration = .seconds(20)) {
        self.interval = interval
        self.timeout = timeout
    }
}
