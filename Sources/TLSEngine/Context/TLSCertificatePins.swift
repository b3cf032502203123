/// Certificates of peers that are good besides a valid chain and names: by their own SHA-256 digest, or by that of their key
/// (SubjectPublicKeyInfo). A peer's certificate must be one of either; where both are empty any is good.
package struct TLSCertificatePins: Hashable, Sendable {
    /// Digests of whole certificates, 32 bytes each.
    package var certificates: Set<[UInt8]>
    /// Digests of keys, 32 bytes each.
    package var keys: Set<[UInt8]>

    /// Pins of these; of none, any certificate is good.
    package init(certificates: Set<[UInt8]> = [], keys: Set<[UInt8]> = []) {
        self.certificates = certificates
        self.keys = keys
    }

    /// Whether any certificate is good.
    package var isEmpty: Bool { certificates.isEmpty && keys.isEmpty }
}
