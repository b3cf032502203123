/// The effective mode of a PeerAuthentication after inheritance. DISABLE is PERMISSIVE for ztunnel: it always accepts
/// mutual TLS (I 1.6).
enum MutualTLSMode: Sendable, Equatable {
    /// Plaintext is accepted too.
    case permissive
    /// Only authenticated connections are accepted.
    case strict

    /// The mode that a written one means; nil is UNSET: inherit.
    init?(written: String?) {
        switch written {
        case "STRICT": self = .strict
        case "PERMISSIVE", "DISABLE": self = .permissive
        default: return nil
        }
    }
}
