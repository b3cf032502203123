internal import COpenSSL

/// What the certificate that a peer presented says, for headers, policies and logs. Verified only if the session's context verifies.
package struct PeerCertificate: Hashable, Sendable {
    /// URI names, in the order of the certificate.
    package let uriNames: [String]
    /// DNS names, in the order of the certificate.
    package let dnsNames: [String]
    /// The subject in the form of RFC 2253; empty if it is empty.
    package let subject: String
    /// The SHA-256 digest of the certificate, hexadecimal, lower case: the Hash of x-forwarded-client-cert.
    package let sha256: String
    /// Hexadecimal, lower case.
    package let serialNumber: String
    /// Seconds since 1970.
    package let notAfter: Int64

    /// Reads `certificate`, which must be a live `X509`.
    init(_ certificate: OpaquePointer) {
        let names = unsafe CertificateNames(certificate)
        uriNames = names.uriNames
        dnsNames = names.dnsNames
        serialNumber = names.serialNumber
        notAfter = names.notAfter
        subject = unsafe MemoryText.written { unsafe copenssl_print_subject($0, certificate) } ?? ""
        sha256 = unsafe CertificateDigest.ofCertificate(certificate).map(CertificateDigest.text) ?? ""
        ERR_clear_error()
    }
}
