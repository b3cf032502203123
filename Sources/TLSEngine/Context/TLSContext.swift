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
            unsafe try ContextMaterial.trust(rootsPEM, in: context)
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

    /// What a session of this context demands: `h2`, and a certificate that satisfies `verification`.
    var demands: SessionDemands {
        let isVerified = verification != .unverified
        return SessionDemands(
            names: .mesh(verification), onlyHTTP2: isVerified, needsCertificate: isVerified, protocols: [])
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
        unsafe try ContextMaterial.use(material.certificateChainPEM, key: material.privateKeyPEM, in: context)
        unsafe try ContextMaterial.trust(material.rootsPEM, in: context)
    }
}
