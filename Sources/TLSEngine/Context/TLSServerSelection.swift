/// How a server finds the certificate to answer with.
///
/// The chooser is called on the connection's own thread, once per handshake, with the server name of the ClientHello (nil if it
/// carried none). It must not block.
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
    /// End the handshake with the alert unrecognized_name; the text goes into the failure.
    case refuse(String)
}
