/// What a ClientHello asks for, before anything is decided.
package struct TLSClientOffer: Hashable, Sendable {
    /// The server name, lower case; nil if there is none.
    package let serverName: String?
    /// Protocols of ALPN, the client's best first.
    package let protocols: [String]

    /// Groups what a ClientHello says.
    package init(serverName: String?, protocols: [String]) {
        self.serverName = serverName
        self.protocols = protocols
    }
}

/// How a server outside the mesh finds the certificate to answer with: called once a handshake, on the connection's own thread. It
/// must not block.
package typealias PublicTLSSelection = (TLSClientOffer) -> PublicTLSChoice

/// The answer to a ClientHello.
package enum PublicTLSChoice {
    /// Go on with this context.
    case use(PublicTLSContext)
    /// End the handshake with the alert unrecognized_name; the text goes into the failure.
    case refuse(String)
}
