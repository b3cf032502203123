internal import COpenSSL

/// One identity in one role: an `SSL_CTX` that is built once and shared by all connections of the identity, on any thread.
///
/// TLS 1.3 only; AES-256-GCM, then AES-128-GCM; X25519MLKEM768 where OpenSSL has it, X25519, P-256; ALPN exactly `h2`; no
/// session tickets, no resumption (Z 2.1). A server demands a client certificate.
@safe
package final class TLSContext: Sendable {
    /// Suites in the order of preference.
    static let cipherSuites = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256"
    /// Groups with the post-quantum hybrid (OpenSSL 3.5 and later), and without.
    static let groups = ["X25519MLKEM768:X25519:P-256", "X25519:P-256"]
    /// Certificates between a leaf and its root.
    static let chainLimit: Int32 = 10

    /// The end that this context is for.
    package let role: TLSRole
    /// What peers must present unless a session says otherwise.
    package let verification: TLSPeerVerification

    // Sound: an SSL_CTX is reference counted and may be used by many threads once it is configured, which is before init
    // returns; freed in deinit by the only owner.
    nonisolated(unsafe) let handle: OpaquePointer

    /// Builds a context. Throws if the chain, key or roots cannot be read or do not belong together.
    package init(
        role: TLSRole, material: TLSIdentityMaterial, verification: TLSPeerVerification
    ) throws(TLSError) {
        self.role = role
        self.verification = verification
        let context = unsafe try Self.bare(role: role)
        do throws(TLSError) {
            unsafe try Self.install(material, into: context)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        unsafe handle = context
    }

    /// A client that presents no certificate: only for the node's own first contact, never for tunnels.
    package init(anonymousClientTrusting rootsPEM: String, verification: TLSPeerVerification) throws(TLSError) {
        role = .client
        self.verification = verification
        let context = unsafe try Self.bare(role: .client)
        do throws(TLSError) {
            unsafe try Self.trust(rootsPEM, in: context)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        unsafe handle = context
    }

    /// A client of health probes (kubelet's rules): TLS 1.2 or later, no certificate of its own, and none that it looks at.
    package init(unverifiedProbe: Void) throws(TLSError) {
        role = .client
        verification = .unverified
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            throw .fromQueue(.material, "OpenSSL gave no context")
        }
        unsafe copenssl_set_mode(context)
        unsafe copenssl_set_options(context)
        unsafe copenssl_disable_session_cache(context)
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        guard unsafe copenssl_tls12_or_later(context) == 1 else {
            unsafe SSL_CTX_free(context)
            throw .fromQueue(.material, "this OpenSSL has no TLS 1.2")
        }
        unsafe handle = context
    }

    private init(unchosen: Void) throws(TLSError) {
        role = .server
        verification = .identities([])
        unsafe handle = try Self.bare(role: .server)
        unsafe SSL_CTX_set_client_hello_cb(handle, TLSCallbacks.clientHello, nil)
    }

    /// The context that a server session has until its chooser has answered: no certificate, trusts nobody.
    static func unchosenServer() throws(TLSError) -> TLSContext {
        guard let unchosen else { throw TLSError(.material, "OpenSSL gave no server context: out of memory") }
        return unchosen
    }

    private static let unchosen = try? TLSContext(unchosen: ())

    deinit {
        unsafe SSL_CTX_free(handle)
    }

    /// A context with everything but certificates.
    private static func bare(role: TLSRole) throws(TLSError) -> OpaquePointer {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(role == .client ? TLS_client_method() : TLS_server_method()) else {
            throw .fromQueue(.material, "OpenSSL gave no context")
        }
        unsafe copenssl_set_mode(context)
        unsafe copenssl_set_options(context)
        unsafe copenssl_disable_session_cache(context)
        unsafe SSL_CTX_set_num_tickets(context, 0)
        unsafe SSL_CTX_set_verify_depth(context, chainLimit)
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        unsafe SSL_CTX_set_cert_verify_callback(context, TLSCallbacks.verify, nil)
        if role == .server { unsafe SSL_CTX_set_alpn_select_cb(context, TLSCallbacks.selectProtocol, nil) }
        let protocols: [UInt8] = [2, 0x68, 0x32]
        // SSL_CTX_set_alpn_protos is the one call that returns 0 for success.
        let done =
            unsafe copenssl_only_tls13(context) == 1 && SSL_CTX_set_ciphersuites(context, cipherSuites) == 1
            && groups.contains { unsafe copenssl_set_groups(context, $0) == 1 }
            && (role == .server || SSL_CTX_set_alpn_protos(context, protocols, 3) == 0)
        guard done else {
            unsafe SSL_CTX_free(context)
            throw .fromQueue(.material, "this OpenSSL has no TLS 1.3 with AES-GCM and X25519 or P-256")
        }
        ERR_clear_error()
        return unsafe context
    }

    private static func install(_ material: TLSIdentityMaterial, into context: OpaquePointer) throws(TLSError) {
        let chain = unsafe try PEMReader.certificates(material.certificateChainPEM, of: "the certificate chain")
        defer { unsafe chain.forEach { unsafe X509_free($0) } }
        let key = unsafe try PEMReader.privateKey(material.privateKeyPEM)
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
        unsafe try trust(material.rootsPEM, in: context)
    }

    private static func trust(_ rootsPEM: String, in context: OpaquePointer) throws(TLSError) {
        let roots = unsafe try PEMReader.certificates(rootsPEM, of: "the root bundle")
        defer { unsafe roots.forEach { unsafe X509_free($0) } }
        let store = unsafe SSL_CTX_get_cert_store(context)
        for index in unsafe roots.indices {
            guard unsafe X509_STORE_add_cert(store, roots[index]) == 1 else {
                throw .fromQueue(.material, "a root certificate cannot be used")
            }
        }
        ERR_clear_error()
    }
}
