/// What a server for clients outside the mesh does the same on all its connections.
package struct PublicTLSServerSettings: Hashable, Sendable {
    /// What it presents: at least one; of several the one whose kind of key the client can use.
    package var certificates: [TLSCertificate]
    /// What it wants of clients.
    package var clients = TLSClientCertificates.notAsked
    /// Which certificates of clients are good, of those that are verified.
    package var pins = TLSCertificatePins()
    /// Protocols for ALPN, the best first. A client that offers none of them gets none, and is for the caller to judge.
    package var protocols: [String] = []
    /// The lowest version that it speaks.
    package var lowest = TLSVersion.tls12
    /// The highest one.
    package var highest = TLSVersion.tls13
    /// Suites of TLS 1.2 by OpenSSL's names; empty: `PublicTLSContext.cipherSuites`.
    package var cipherSuites: [String] = []

    /// A server that asks for no certificate, with TLS 1.2 and 1.3.
    package init(certificates: [TLSCertificate]) {
        self.certificates = certificates
    }
}
