/// A certificate chain with the key of its leaf, as PEM text.
package struct TLSCertificate: Hashable, Sendable {
    /// The leaf first, then intermediates.
    package let chainPEM: String
    /// The key of the leaf, not encrypted.
    package let keyPEM: String

    /// Pairs the two texts; they are parsed by the context.
    package init(chainPEM: String, keyPEM: String) {
        self.chainPEM = chainPEM
        self.keyPEM = keyPEM
    }
}
