/// How far a handshake got.
package enum TLSHandshakeResult {
    /// Done; application data may flow. The peer is verified.
    case complete
    /// More input is needed; output may be waiting.
    case incomplete
    /// The server's certificate is not there yet. No input is taken until `handshake` is called again, which is what the closure
    /// that this one is given is for.
    case waiting((@escaping () -> Void) -> Void)
    /// Over. An alert may be waiting in the output.
    case failed(TLSError)
}

/// What a read gave.
package enum TLSReadResult {
    /// This many bytes of plaintext.
    case bytes(Int)
    /// More input is needed.
    case incomplete
    /// The peer ended its side with close_notify.
    case closed
    /// Over. An alert may be waiting in the output.
    case failed(TLSError)
}
