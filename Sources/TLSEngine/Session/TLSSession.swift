internal import COpenSSL

/// One TLS connection without a socket: ciphertext in, plaintext out, and back.
///
/// Owns the `SSL` and its BIO. Confined to the loop of its connection. Input is consumed at once: what `receive` was given is
/// gone through by the `handshake` and `read` calls that follow, before the loop reuses the memory.
@safe
package final class TLSSession {
    /// Records under one key before new keys are asked for: well below the 2^24.5 that AES-GCM allows (RFC 8446 5.5).
    static let recordsPerKey = 1 << 23

    private let ssl: OpaquePointer
    private let queue: UnsafeMutablePointer<CiphertextQueue>
    // The context of the certificate in use: its verification holds unless `expectations` replaces it.
    private var context: TLSContext
    private let expectations: TLSPeerVerification?
    private var chooser: ((String?) -> TLSServerChoice)?
    private var failure: TLSError?
    /// Set while the chooser has asked for time.
    private var wait: ((@escaping () -> Void) -> Void)?
    private var recordsWritten = 0
    /// What the peer's certificate says, once it was verified.
    package private(set) var peer: TLSPeer?

    /// A client. `expectedIdentities`, if not nil, replaces the context's verification; empty always fails.
    package init(
        client context: TLSContext, serverName: String?, expectedIdentities: [String]?, pool: CiphertextPool
    ) throws(TLSError) {
        unsafe (ssl, queue) = try Self.make(context, pool)
        self.context = context
        expectations = expectedIdentities.map { .identities($0) }
        unsafe copenssl_set_app_data(ssl, Unmanaged.passUnretained(self).toOpaque())
        unsafe SSL_set_connect_state(ssl)
        if let serverName {
            guard unsafe copenssl_set_server_name(ssl, serverName) == 1 else {
                throw .fromQueue(.material, "\"\(serverName)\" cannot be sent as a server name")
            }
        }
    }

    /// A server.
    package init(server selection: TLSServerSelection, pool: CiphertextPool) throws(TLSError) {
        switch selection {
        case .fixed(let fixed):
            context = fixed
        case .byServerName(let choose):
            context = try TLSContext.unchosenServer()
            chooser = choose
        }
        expectations = nil
        unsafe (ssl, queue) = try Self.make(context, pool)
        unsafe copenssl_set_app_data(ssl, Unmanaged.passUnretained(self).toOpaque())
        unsafe SSL_set_accept_state(ssl)
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe queue.pointee.releaseOutput()
        unsafe queue.deinitialize(count: 1)
        unsafe queue.deallocate()
    }

    private static func make(
        _ context: TLSContext, _ pool: CiphertextPool
    ) throws(TLSError) -> (OpaquePointer, UnsafeMutablePointer<CiphertextQueue>) {
        ERR_clear_error()
        guard let ssl = unsafe SSL_new(context.handle) else {
            throw .fromQueue(.material, "OpenSSL gave no session")
        }
        let queue = UnsafeMutablePointer<CiphertextQueue>.allocate(capacity: 1)
        unsafe queue.initialize(to: CiphertextQueue(pool: pool))
        guard let bio = unsafe CiphertextBIO.make(queue) else {
            unsafe SSL_free(ssl)
            unsafe queue.deinitialize(count: 1)
            unsafe queue.deallocate()
            throw .fromQueue(.material, "OpenSSL gave no BIO")
        }
        // One BIO for both directions; SSL_free frees it.
        unsafe SSL_set_bio(ssl, bio, bio)
        return unsafe (ssl, queue)
    }

    // MARK: ciphertext

    /// Sets what `handshake` and `read` take from. Call them until they report `.incomplete` before `ciphertext` goes away.
    package func receive(_ ciphertext: UnsafeRawBufferPointer) {
        unsafe queue.pointee.input = ciphertext.baseAddress
        unsafe queue.pointee.inputCount = ciphertext.count
    }

    /// Forgets input that was not taken: the connection is ending and its memory goes away.
    package func discardInput() {
        unsafe queue.pointee.input = nil
        unsafe queue.pointee.inputCount = 0
    }

    /// Encrypted bytes that wait to be sent.
    package var output: UnsafeRawBufferPointer {
        guard let base = unsafe queue.pointee.output.baseAddress else {
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return unsafe UnsafeRawBufferPointer(start: base + queue.pointee.outputStart, count: queue.pointee.outputCount)
    }

    /// The number of bytes of `output`.
    package var outputCount: Int { unsafe queue.pointee.outputCount }

    /// Drops the first `count` bytes of `output`: they were sent.
    package func consumeOutput(_ count: Int) {
        unsafe queue.pointee.consume(count)
    }

    // MARK: plaintext

    /// Goes on with the handshake.
    package func handshake() -> TLSHandshakeResult {
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(ssl)
        if result == 1 {
            chooser = nil
            if context.verification == .unverified { return .complete }
            guard usesHTTP2 else {
                return .failed(
                    TLSError(
                        .applicationProtocol,
                        "\(peer?.identity ?? "the peer") does not offer the protocol h2 (ALPN); only HTTP/2 is spoken here"
                    ))
            }
            guard peer != nil else {
                return .failed(TLSError(.verification, "the peer presented no certificate"))
            }
            return .complete
        }
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .incomplete
        case SSL_ERROR_WANT_CLIENT_HELLO_CB: return takeWait()
        default: return .failed(takeFailure("the TLS handshake failed"))
        }
    }

    /// A client says nothing more before the server has answered, since nothing here takes early data: what came with the
    /// ClientHello would be lost while the handshake is held, so it ends.
    private func takeWait() -> TLSHandshakeResult {
        guard let wait, unsafe queue.pointee.inputCount == 0 else {
            return .failed(TLSError(.protocolViolation, "bytes follow the ClientHello before the server has answered"))
        }
        self.wait = nil
        return .waiting(wait)
    }

    /// Decrypts into `buffer`: at most one record a call, so 16,384 bytes of room never leave a rest behind.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> TLSReadResult {
        let limit = Int32(clamping: buffer.count)
        let count = unsafe SSL_read(ssl, buffer.baseAddress, limit)
        if count > 0 { return .bytes(Int(count)) }
        let code = unsafe SSL_get_error(ssl, count)
        if code == SSL_ERROR_WANT_READ { return .incomplete }
        if code == SSL_ERROR_ZERO_RETURN { return .closed }
        return .failed(takeFailure("the TLS connection broke"))
    }

    /// Encrypts `plaintext` into the output, as one record if it has at most 16,384 bytes. Nil on success.
    package func write(_ plaintext: UnsafeRawBufferPointer) -> TLSError? {
        guard plaintext.count > 0 else { return nil }
        recordsWritten &+= 1
        if recordsWritten >= Self.recordsPerKey {
            recordsWritten = 0
            _ = unsafe SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED)
        }
        let count = unsafe SSL_write(ssl, plaintext.baseAddress, Int32(clamping: plaintext.count))
        if count == plaintext.count { return nil }
        return takeFailure("the TLS connection cannot be written")
    }

    /// Queues close_notify. Nothing may be written after it.
    package func close() {
        ERR_clear_error()
        _ = unsafe SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// The negotiated suite, such as "TLS_AES_256_GCM_SHA384".
    package var cipherSuite: String {
        guard let cipher = unsafe SSL_get_current_cipher(ssl), let name = unsafe SSL_CIPHER_get_name(cipher) else {
            return ""
        }
        return unsafe String(cString: name)
    }

    private var usesHTTP2: Bool {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &name, &length)
        guard length == 2, let name = unsafe name else { return false }
        return unsafe name[0] == 0x68 && name[1] == 0x32
    }

    private func takeFailure(_ doing: String) -> TLSError {
        let queued = TLSError.fromQueue(.protocolViolation, doing)
        return failure ?? queued
    }

    // MARK: callbacks

    /// Called during the handshake. False: refused, with the reason in `failure`.
    func verify(_ store: OpaquePointer) -> Bool {
        guard let leaf = unsafe X509_STORE_CTX_get0_cert(store) else { return false }
        let names = unsafe CertificateNames(leaf)
        guard unsafe X509_verify_cert(store) == 1 else {
            let code = unsafe X509_STORE_CTX_get_error(store)
            let reason = unsafe X509_verify_cert_error_string(Int(code)).map { unsafe String(cString: $0) }
            failure = TLSError(
                .verification, "the certificate of \(names.summary) is refused: \(reason ?? "error \(code)")")
            return false
        }
        if let problem = unsafe PeerCheck.problem(leaf, names, expectations ?? context.verification) {
            unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
            failure = TLSError(.verification, problem)
            return false
        }
        peer = TLSPeer(
            uriNames: names.uriNames, dnsNames: names.dnsNames, serialNumber: names.serialNumber,
            notAfter: names.notAfter)
        return true
    }

    /// What came of asking the chooser.
    enum Choice {
        /// The session goes on with the context.
        case chosen
        /// The handshake is held; `wait` says how it goes on.
        case waiting
        /// Refused, with the reason in `failure`.
        case refused
    }

    /// Called when the ClientHello is there, and again after each wait.
    func chooseContext() -> Choice {
        guard let chooser else { return .refused }
        switch chooser(unsafe ClientHello.serverName(ssl)) {
        case .use(let chosen):
            guard chosen.role == .server, unsafe SSL_set_SSL_CTX(ssl, chosen.handle) != nil else {
                failure = TLSError(.material, "the chosen certificate cannot be used by a server")
                return .refused
            }
            context = chosen
            return .chosen
        case .wait(let wait):
            self.wait = wait
            return .waiting
        case .refuse(let reason):
            failure = TLSError(.unknownServerName, reason)
            return .refused
        }
    }
}
