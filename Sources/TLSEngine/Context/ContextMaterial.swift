internal import COpenSSL

/// Puts certificates, keys and roots from PEM text into an `SSL_CTX`. Errors say what cannot be used.
enum ContextMaterial {
    /// Makes the context present a chain (the leaf first) with the key of its leaf.
    static func use(_ chainPEM: String, key keyPEM: String, in context: OpaquePointer) throws(TLSError) {
        let chain = unsafe try PEMReader.certificates(chainPEM, of: "the certificate chain")
        defer { unsafe chain.forEach { unsafe X509_free($0) } }
        let key = unsafe try PEMReader.privateKey(keyPEM)
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe SSL_CTX_use_certificate(context, chain[0]) == 1 else {
            throw .fromQueue(.material, "the leaf certificate cannot be used")
        }
        for index in unsafe chain.indices.dropFirst() {
            guard unsafe copenssl_add_chain(context, chain[index]) == 1 else {
                throw .fromQueue(.material, "an intermediate certificate cannot be used")
            }
        }
        guard unsafe SSL_CTX_use_PrivateKey(context, key) == 1, unsafe SSL_CTX_check_private_key(context) == 1 else {
            throw .fromQueue(.material, "the private key does not belong to the leaf certificate")
        }
    }

    /// Makes the context verify peers against roots. `announced`: a server tells clients whose certificates it takes.
    static func trust(_ rootsPEM: String, in context: OpaquePointer, announced: Bool = false) throws(TLSError) {
        let roots = unsafe try PEMReader.certificates(rootsPEM, of: "the root bundle")
        defer { unsafe roots.forEach { unsafe X509_free($0) } }
        let store = unsafe SSL_CTX_get_cert_store(context)
        for index in unsafe roots.indices {
            guard unsafe X509_STORE_add_cert(store, roots[index]) == 1,
                unsafe !announced || SSL_CTX_add_client_CA(context, roots[index]) == 1
            else { throw .fromQueue(.material, "a root certificate cannot be used") }
        }
        ERR_clear_error()
    }

    /// Makes the context refuse certificates that are on these lists, and those whose issuer has none.
    static func revoke(_ revocationsPEM: String, in context: OpaquePointer) throws(TLSError) {
        let lists = unsafe try PEMReader.revocations(revocationsPEM, of: "the list of revocations")
        defer { unsafe lists.forEach { unsafe X509_CRL_free($0) } }
        let store = unsafe SSL_CTX_get_cert_store(context)
        for index in unsafe lists.indices {
            guard unsafe X509_STORE_add_crl(store, lists[index]) == 1 else {
                throw .fromQueue(.material, "a list of revocations cannot be used")
            }
        }
        guard unsafe copenssl_check_revocations(store) == 1 else {
            throw .fromQueue(.material, "revocations cannot be checked")
        }
        ERR_clear_error()
    }
}
