/// How a server finds the certificate to answer with.
///
/// The chooser is called on the connection's own thread with the server name of the ClientHello (nil if it carried none): once
/// per handshake, and once more after each wait that it asked for. It must not block.
package enum TLSServerSelection {
    /// Always this one.
    case fixed(TLSContext)
    /// By server name (D4).
    case byServerName((String?) -> TLSServerChoice)
}

/// The answer of a chooser.
package enum TLSServerChoice {
    /// Go on with this context.
    case use(TLSContext)
    /// The certificate has not arrived: hold the handshake, and call the closure that this one is given, once, on the
    /// connection's thread and not before this one returns, when it is worth asking again.
    case wait((@escaping () -> Void) -> Void)
    /// End the handshake with the alert unrecognized_name; the text goes into the failure.
    case refuse(String)
}
