/// What one end of a connection announces and tolerates. The defaults are those of Istio's ztunnel server side.
package struct HTTP2Configuration: Hashable, Sendable {
    /// Bytes that the peer may send on a stream before they are credited; at most 2^31-1. With an account of what is held (`HeldMemory`) it is
    /// what a stream's window may grow to.
    package var initialStreamWindow: Int = 4 * 1024 * 1024
    /// Bytes that the peer may send on all streams together before they are credited; from 65,535 to 2^31-1. With an
    /// account half of it is for what windows of streams are larger than the least.
    package var connectionWindow: Int = 16 * 1024 * 1024
    /// The largest frame payload accepted; from 16,384 to 16,777,215.
    package var maxFrameSize: Int = 1024 * 1024
    /// The largest header list accepted, counted as RFC 9113 section 6.5.2 does. A larger one resets its stream with
    /// ENHANCE_YOUR_CALM; the connection lives on.
    package var maxHeaderListSize: Int = 64 * 1024
    /// Server: a request whose header list is too large is answered with 431 (RFC 6585 section 5) instead of a reset, as clients of a
    /// waypoint expect; a tunnel's are programs of ours.
    package var answersLargeHeaderLists: Bool = false
    /// Streams that the peer may have open at a time; a further one is answered with REFUSED_STREAM.
    package var maxConcurrentStreams: UInt32 = 200
    /// The dynamic table that the peer's encoder may use; at most 65,536.
    package var headerTableSize: Int = 4096
    /// Liveness checking; nil for none.
    package var keepAlivePing: HTTP2KeepAlive? = HTTP2KeepAlive()
    /// Server: announces and accepts extended CONNECT (RFC 8441).
    package var enableConnectProtocol: Bool = false
    /// Bounds on legal but abusive behaviour.
    package var limits = HTTP2Limits()

    /// The defaults.
    package init() {}

    /// The same values, each moved into the range that the protocol allows.
    var clamped: Self {
        var copy = self
        copy.initialStreamWindow = min(max(initialStreamWindow, 0), 0x7fff_ffff)
        copy.connectionWindow = min(max(connectionWindow, 65_535), 0x7fff_ffff)
        copy.maxFrameSize = min(max(maxFrameSize, 16_384), 0xff_ffff)
        copy.maxHeaderListSize = min(max(maxHeaderListSize, 0), 0x7fff_ffff)
        copy.headerTableSize = min(max(headerTableSize, 0), 65_536)
        copy.limits.informationalResponses = min(max(limits.informationalResponses, 0), 255)
        copy.limits.rememberedResets = max(limits.rememberedResets, 1)
        return copy
    }
}
