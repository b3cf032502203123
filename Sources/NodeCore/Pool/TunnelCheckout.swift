package import MeshRuntime

/// A tunnel on which the caller must open its stream at once, in the same turn of the loop.
package struct TunnelCheckout {
    /// The tunnel; it had room for one more stream when it was handed out.
    package let tunnel: Tunnel
    /// Whether it was there before: an old tunnel may be dead without our knowing, so a failure on it says nothing about
    /// the endpoint.
    package let isReused: Bool

    /// Makes a checkout.
    package init(tunnel: Tunnel, isReused: Bool) {
        self.tunnel = tunnel
        self.isReused = isReused
    }
}
