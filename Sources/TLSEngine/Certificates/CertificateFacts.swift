internal import COpenSSL

/// What one certificate says, for renewal, admin pages and logs.
package struct CertificateFacts: Hashable, Sendable {
    /// URI names, in the order of the certificate.
    package let uriNames: [String]
    /// DNS names, in the order of the certificate.
    package let dnsNames: [String]
    /// Hexadecimal, lower case.
    package let serialNumber: String
    /// Seconds since 1970.
    package let notBefore: Int64
    /// Seconds since 1970.
    package let notAfter: Int64

    /// Reads the first certificate of `pem`.
    package static func parse(pem: String) throws(TLSError) -> CertificateFacts {
        try parseAll(pem: pem)[0]
    }

    /// Reads every certificate of `pem`, in order; at least one.
    package static func parseAll(pem: String) throws(TLSError) -> [CertificateFacts] {
        let certificates = unsafe try PEMReader.certificates(pem, of: "the certificate text")
        return unsafe certificates.map { certificate in
            let names = unsafe CertificateNames(certificate)
            unsafe X509_free(certificate)
            return CertificateFacts(
                uriNames: names.uriNames, dnsNames: names.dnsNames, serialNumber: names.serialNumber,
                notBefore: names.notBefore, notAfter: names.notAfter)
        }
    }
}
