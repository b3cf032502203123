package import TLSEngine

/// A certificate with its key and roots, as an issuer gave it or the disk kept it.
package struct IssuedCertificate: Sendable {
    /// Chain (leaf first), key and roots.
    package let material: TLSIdentityMaterial
    /// Seconds since 1970.
    package let notBefore: Int64
    /// Seconds since 1970.
    package let notAfter: Int64

    /// Wraps material whose leaf is valid from `notBefore` to `notAfter`.
    package init(material: TLSIdentityMaterial, notBefore: Int64, notAfter: Int64) {
        self.material = material
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}
