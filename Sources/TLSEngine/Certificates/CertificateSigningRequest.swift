internal import COpenSSL

/// A request for a workload certificate with a fresh key, in the form that Istio's CA takes: empty subject, one critical URI
/// name, P-256.
package struct CertificateSigningRequest: Sendable {
    /// The request.
    package let csrPEM: String
    /// Its private key, PKCS #8, not encrypted. Never leaves the node.
    package let keyPEM: String

    /// Makes a key and a request for `uri`. Takes about 50 microseconds.
    package static func make(uri: String) throws(TLSError) -> CertificateSigningRequest {
        guard uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !uri.isEmpty else {
            throw TLSError(.material, "\"\(uri)\" cannot stand in a certificate: only visible ASCII is allowed")
        }
        ERR_clear_error()
        guard let key = unsafe copenssl_new_p256_key() else {
            throw .fromQueue(.material, "no key could be made for \(uri)")
        }
        defer { unsafe EVP_PKEY_free(key) }
        let name = [UInt8](uri.utf8)
        // Sound: the bytes are copied into the request.
        let made = unsafe name.withUnsafeBufferPointer {
            unsafe copenssl_request(key, $0.baseAddress, Int32(clamping: $0.count))
        }
        guard let request = unsafe made else {
            throw .fromQueue(.material, "no certificate request could be made for \(uri)")
        }
        defer { unsafe X509_REQ_free(request) }
        let csr = unsafe MemoryText.written { unsafe PEM_write_bio_X509_REQ($0, request) }
        let pem = unsafe MemoryText.written { unsafe PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) }
        guard let csr, let pem else { throw .fromQueue(.material, "the request for \(uri) could not be written") }
        return CertificateSigningRequest(csrPEM: csr, keyPEM: pem)
    }
}
