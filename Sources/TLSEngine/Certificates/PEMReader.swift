internal import COpenSSL

/// Reads PEM text into OpenSSL objects. Errors name what was being read.
enum PEMReader {
    /// Certificates that one text may hold.
    static let certificateLimit = 256

    /// All certificates of `pem`, each with a reference that the caller frees; at least one.
    static func certificates(_ pem: String, of what: String) throws(TLSError) -> [OpaquePointer] {
        var list: [OpaquePointer] = unsafe []
        var problem: TLSError?
        ERR_clear_error()
        unsafe withBIO(pem) { bio in
            while let certificate = unsafe copenssl_read_certificate(bio) {
                unsafe list.append(certificate)
                if unsafe list.count > certificateLimit { break }
            }
            let atEnd = copenssl_at_end_of_pem() != 0
            if unsafe list.isEmpty {
                problem = TLSError.fromQueue(.material, "\(what) holds no PEM certificate")
            } else if unsafe list.count > certificateLimit {
                problem = TLSError(.material, "\(what) holds more than \(certificateLimit) certificates")
            } else if !atEnd {
                problem = TLSError.fromQueue(
                    .material, unsafe "certificate \(list.count + 1) of \(what) cannot be read")
            }
        }
        ERR_clear_error()
        if let problem {
            unsafe list.forEach { unsafe X509_free($0) }
            throw problem
        }
        return unsafe list
    }

    /// All lists of revoked certificates of `pem`, each with a reference that the caller frees; at least one.
    static func revocations(_ pem: String, of what: String) throws(TLSError) -> [OpaquePointer] {
        var list: [OpaquePointer] = unsafe []
        var problem: TLSError?
        ERR_clear_error()
        unsafe withBIO(pem) { bio in
            while let revocations = unsafe copenssl_read_revocations(bio) {
                unsafe list.append(revocations)
                if unsafe list.count > certificateLimit { break }
            }
            if unsafe list.isEmpty {
                problem = TLSError.fromQueue(.material, "\(what) holds no PEM list of revocations")
            } else if unsafe list.count > certificateLimit || copenssl_at_end_of_pem() == 0 {
                problem = TLSError(
                    .material, "\(what) holds more than \(certificateLimit) lists, or one that cannot be read")
            }
        }
        ERR_clear_error()
        if let problem {
            unsafe list.forEach { unsafe X509_CRL_free($0) }
            throw problem
        }
        return unsafe list
    }

    /// The private key of `pem`; the caller frees it.
    static func privateKey(_ pem: String) throws(TLSError) -> OpaquePointer {
        var key: OpaquePointer?
        ERR_clear_error()
        unsafe withBIO(pem) { unsafe key = copenssl_read_key($0) }
        guard let key = unsafe key else {
            throw .fromQueue(.material, "the private key cannot be read (it must be PEM and not encrypted)")
        }
        ERR_clear_error()
        return unsafe key
    }

    private static func withBIO(_ text: String, _ body: (OpaquePointer?) -> Void) {
        var text = text
        text.withUTF8 { bytes in
            // Sound: the BIO only reads, and is freed before the bytes go away.
            let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
            unsafe body(bio)
            unsafe BIO_free(bio)
        }
    }
}
