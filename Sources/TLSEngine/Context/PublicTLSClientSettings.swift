/// What a client of servers outside the mesh does the same on all its connections.
package struct PublicTLSClientSettings: Hashable, Sendable {
    /// Whom it trusts.
    package var trust: TLSTrust
    /// What it presents where a server asks for a certificate; nil: nothing.
    package var certificate: TLSCertificate?
    /// The lowest version that it speaks.
    package var lowest = TLSVersion.tls12
    /// The highest one.
    package var highest = TLSVersion.tls13

    /// A client that trusts `trust`, with TLS 1.2 and 1.3.
    package init(trust: TLSTrust, certificate: TLSCertificate? = nil) {
        self.trust = trust
        self.certificate = certificate
    }
}
