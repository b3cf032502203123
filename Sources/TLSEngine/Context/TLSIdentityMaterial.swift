/// A certificate chain with its key, and the roots that peers are verified against, as PEM text.
package struct TLSIdentityMaterial: Sendable {
    /// The leaf first, then intermediates.
    package let certificateChainPEM: String
    /// The key of the leaf, not encrypted.
    package let privateKeyPEM: String
    /// One or more trust anchors.
    package let rootsPEM: String

    /// Groups the three texts; they are parsed by `TLSContext`.
    package init(certificateChainPEM: String, privateKeyPEM: String, rootsPEM: String) {
        self.certificateChainPEM = certificateChainPEM
        self.privateKeyPEM = privateKeyPEM
        self.rootsPEM = rootsPEM
    }
}
