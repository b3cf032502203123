import TLSEngine

/// What a tunnel needs only until it is open: who waits for it, and for how long.
final class TunnelStart {
    let timeout: Duration
    let onReady: (Tunnel) -> Void
    let onFailure: (TunnelFailure) -> Void

    init(timeout: Duration, onReady: @escaping (Tunnel) -> Void, onFailure: @escaping (TunnelFailure) -> Void) {
        self.timeout = timeout
        self.onReady = onReady
        self.onFailure = onFailure
    }
}
