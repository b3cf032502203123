internal import COpenSSL

/// SHA-256 digests of one `X509`.
enum CertificateDigest {
    /// Of the whole certificate; nil where OpenSSL has no memory.
    static func ofCertificate(_ certificate: OpaquePointer) -> [UInt8]? {
        unsafe digest { unsafe X509_digest(certificate, EVP_sha256(), $0, $1) }
    }

    /// Of its key; nil where OpenSSL has no memory.
    static func ofKey(_ certificate: OpaquePointer) -> [UInt8]? {
        unsafe digest { unsafe copenssl_digest_key(certificate, $0, $1) }
    }

    /// The digest in hexadecimal, lower case.
    static func text(_ digest: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func digest(
        _ make: (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt32>) -> Int32
    ) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        // Sound: the buffer has as many bytes as any digest.
        let done = unsafe bytes.withUnsafeMutableBufferPointer { unsafe make($0.baseAddress, &count) }
        ERR_clear_error()
        return done == 1 ? Array(bytes.prefix(Int(count))) : nil
    }
}
