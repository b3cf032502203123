/// Which end of a TLS connection.
package enum TLSRole: Hashable, Sendable {
    /// Sends the ClientHello.
    case client
    /// Answers it, and demands a client certificate.
    case server
}
