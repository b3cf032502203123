internal import COpenSSL

/// TLS with peers outside the mesh, in one role: an `SSL_CTX` that is built once and shared by all connections with the same settings,
/// on any thread. Tunnels never use it: theirs is `TLSContext`.
///
/// TLS 1.2 with forward secrecy and AEAD, and 1.3; no session tickets, no resumption, no renegotiation.
@safe
package final class PublicTLSContext: Sendable {
    /// Suites of TLS 1.2, in the order of preference: Envoy's defaults.
    package static let cipherSuites = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ]

    /// The end that this context is for.
    package let role: TLSRole
    /// What sessions demand of peers; a client's session replaces the names.
    let demands: SessionDemands
    let verifyMode: Int32
    let lowest: TLSVersion
    let highest: TLSVersion

    // Sound: an SSL_CTX is reference counted and may be used by many threads once it is configured, which is before init
    // returns; freed in deinit by the only owner.
    nonisolated(unsafe) let handle: OpaquePointer

    /// A client. Throws if certificates cannot be read or do not belong together.
    package init(client settings: PublicTLSClientSettings) throws(TLSError) {
        role = .client
        let isVerified = settings.trust != .unverified
        demands = SessionDemands(
            names: .ordinary(.oneOf([])), onlyHTTP2: false, needsCertificate: isVerified, protocols: [])
        verifyMode = isVerified ? SSL_VERIFY_PEER : SSL_VERIFY_NONE
        lowest = settings.lowest
        highest = settings.highest
        unsafe handle = try Self.make(.client, settings.lowest, settings.highest, []) { context throws(TLSError) in
            if let own = settings.certificate {
                unsafe try ContextMaterial.use(own.chainPEM, key: own.keyPEM, in: context)
            }
            unsafe try Self.verify(settings.trust, isVerified ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, in: context)
        }
    }

    /// A server. Throws if certificates cannot be read or do not belong together, or a cipher suite is unknown.
    package init(server settings: PublicTLSServerSettings) throws(TLSError) {
        role = .server
        var trust: TLSTrust?
        var names = TLSPeerNames.oneOf([])
        var mode = SSL_VERIFY_NONE
        switch settings.clients {
        case .notAsked: break
        case .optional(let roots, let wanted): (trust, names, mode) = (roots, wanted, SSL_VERIFY_PEER)
        case .required(let roots, let wanted):
            (trust, names, mode) = (roots, wanted, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT)
        case .unverified(let isRequired):
            mode = SSL_VERIFY_PEER | (isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0)
        }
        guard trust != .unverified else {
            throw TLSError(.material, "a server that asks for certificates needs roots to verify them against")
        }
        guard !settings.certificates.isEmpty else { throw TLSError(.material, "a server needs a certificate") }
        verifyMode = mode
        lowest = settings.lowest
        highest = settings.highest
        demands = SessionDemands(
            names: .ordinary(names), onlyHTTP2: false,
            needsCertificate: trust != nil && mode & SSL_VERIFY_FAIL_IF_NO_PEER_CERT != 0,
            protocols: settings.protocols.map { Array($0.utf8) }, pins: settings.pins)
        let (roots, verification) = (trust, mode)
        unsafe handle = try Self.make(
            .server, settings.lowest, settings.highest, settings.cipherSuites
        ) { context throws(TLSError) in
            for one in settings.certificates {
                unsafe try ContextMaterial.use(one.chainPEM, key: one.keyPEM, in: context)
            }
            if let roots {
                unsafe try Self.verify(roots, verification, in: context, announced: true)
            } else if verification != SSL_VERIFY_NONE {
                unsafe SSL_CTX_set_cert_verify_callback(context, TLSCallbacks.takeAny, nil)
            }
            unsafe SSL_CTX_set_alpn_select_cb(context, TLSCallbacks.selectAmongProtocols, nil)
        }
    }

    private init(unchosen: Void) throws(TLSError) {
        role = .server
        demands = SessionDemands(
            names: .ordinary(.oneOf([])), onlyHTTP2: false, needsCertificate: true, protocols: [])
        verifyMode = SSL_VERIFY_NONE
        lowest = .tls12
        highest = .tls13
        unsafe handle = try Self.make(.server, .tls12, .tls13, []) { context throws(TLSError) in
            unsafe SSL_CTX_set_client_hello_cb(context, TLSCallbacks.clientHello, nil)
        }
    }

    /// The context that a server session has until its context was chosen: no certificate.
    static func unchosenServer() throws(TLSError) -> PublicTLSContext {
        guard let unchosen else { throw TLSError(.material, "OpenSSL gave no server context: out of memory") }
        return unchosen
    }

    private static let unchosen = try? PublicTLSContext(unchosen: ())

    deinit {
        unsafe SSL_CTX_free(handle)
    }

    private static func make(
        _ role: TLSRole, _ lowest: TLSVersion, _ highest: TLSVersion, _ suites: [String],
        _ fill: (OpaquePointer) throws(TLSError) -> Void
    ) throws(TLSError) -> OpaquePointer {
        ERR_clear_error()
        guard let context = unsafe SSL_CTX_new(role == .client ? TLS_client_method() : TLS_server_method()) else {
            throw .fromQueue(.material, "OpenSSL gave no context")
        }
        unsafe copenssl_set_mode(context)
        unsafe copenssl_set_options(context)
        unsafe copenssl_disable_session_cache(context)
        unsafe SSL_CTX_set_num_tickets(context, 0)
        unsafe SSL_CTX_set_verify_depth(context, TLSContext.chainLimit)
        do throws(TLSError) {
            let list = (suites.isEmpty ? cipherSuites : suites).joined(separator: ":")
            guard lowest <= highest, unsafe copenssl_set_versions(context, lowest.number, highest.number) == 1,
                TLSContext.groups.contains(where: { unsafe copenssl_set_groups(context, $0) == 1 })
            else { throw .fromQueue(.material, "this OpenSSL does not speak these versions of TLS") }
            guard unsafe SSL_CTX_set_cipher_list(context, list) == 1 else {
                throw .fromQueue(.material, "this OpenSSL knows none of the cipher suites \(list)")
            }
            unsafe try fill(context)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        ERR_clear_error()
        return unsafe context
    }

    private static func verify(
        _ trust: TLSTrust, _ mode: Int32, in context: OpaquePointer, announced: Bool = false
    ) throws(TLSError) {
        switch trust {
        case .unverified: return unsafe SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        case .system:
            guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else {
                throw .fromQueue(.material, "the roots of this machine cannot be used")
            }
        case .roots(let roots, let revocations):
            unsafe try ContextMaterial.trust(roots, in: context, announced: announced)
            if let revocations { unsafe try ContextMaterial.revoke(revocations, in: context) }
        }
        unsafe SSL_CTX_set_verify(context, mode, nil)
        unsafe SSL_CTX_set_cert_verify_callback(context, TLSCallbacks.verify, nil)
    }
}
