internal import COpenSSL

/// The subject alternative names, serial number and dates of one `X509`.
struct CertificateNames {
    var uriNames: [String] = []
    var dnsNames: [String] = []
    var serialNumber = ""
    var notBefore: Int64 = 0
    var notAfter: Int64 = 0

    /// Reads `certificate`, which must be a live `X509`. Names with a zero byte or that are not ASCII are left out: they
    /// could be taken for another name.
    init(_ certificate: OpaquePointer) {
        if let names = unsafe copenssl_names(certificate) {
            let count = unsafe copenssl_name_count(names)
            for index in 0..<count {
                var data: UnsafePointer<UInt8>?
                var length: Int32 = 0
                let kind = unsafe copenssl_name(names, index, &data, &length)
                // Sound: OpenSSL owns the bytes for as long as `names` lives.
                let bytes = unsafe UnsafeBufferPointer(start: data, count: Int(length))
                guard kind != 0, unsafe bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { continue }
                let text = unsafe String(decoding: bytes, as: UTF8.self)
                if kind == 6 { uriNames.append(text) } else { dnsNames.append(text) }
            }
            unsafe GENERAL_NAMES_free(names)
        }
        if let number = unsafe ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nil) {
            if let text = unsafe BN_bn2hex(number) {
                unsafe serialNumber = String(cString: text).lowercased()
                unsafe CRYPTO_free(text, #file, #line)
            }
            unsafe BN_free(number)
        }
        _ = unsafe copenssl_unix_seconds(X509_get0_notBefore(certificate), &notBefore)
        _ = unsafe copenssl_unix_seconds(X509_get0_notAfter(certificate), &notAfter)
        ERR_clear_error()
    }

    /// The names for a person: the URI names, else the DNS names, else that there are none.
    var summary: String {
        if !uriNames.isEmpty { return uriNames.joined(separator: ", ") }
        return dnsNames.isEmpty ? "nobody (it has no subject alternative name)" : dnsNames.joined(separator: ", ")
    }
}
