package import FoundationEssentials

/// A certificate that the authority made together with its key: everything a TLS endpoint needs.
package struct IssuedCertificate: Sendable {
    /// The leaf first, then the intermediates (none with a self-signed root).
    package let certificateChainPEM: String
    /// The private key, PKCS#8 PEM. Write it with mode 0600 only.
    package let privateKeyPEM: String
    /// The roots that peers are verified against.
    package let rootsPEM: String
    /// The serial number, lower-case hexadecimal.
    package let serialNumber: String
    /// When it was made valid (backdated).
    package let notBefore: Date
    /// When it expires.
    package let notAfter: Date
}
