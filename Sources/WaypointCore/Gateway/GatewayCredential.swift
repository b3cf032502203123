import TLSEngine

/// What a server of a gateway ends TLS with.
enum GatewayCredential: Sendable {
    /// This, on any thread.
    case ready(PublicTLSContext)
    /// Nothing, for this reason: its handshakes fail.
    case missing(String)
}
