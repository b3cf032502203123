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
    // Of the context in use, except for what a client's session says itself.
    private var demands: SessionDemands
    private var chooser: Chooser?
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
        unsafe (ssl, queue) = try Self.make(context.handle, pool)
        demands = context.demands
        if let expectedIdentities { demands.names = .mesh(.identities(expectedIdentities)) }
        unsafe copenssl_set_app_data(ssl, Unmanaged.passUnretained(self).toOpaque())
        unsafe SSL_set_connect_state(ssl)
        if let serverName { try setServerName(serverName) }
    }

    /// A client of a server outside the mesh, which must have one of `names`, and is offered `protocols` in ALPN, the best first.
    package init(
        client context: PublicTLSContext, serverName: String?, names: TLSPeerNames, protocols: [String],
        pool: CiphertextPool
    ) throws(TLSError) {
        unsafe (ssl, queue) = try Self.make(context.handle, pool)
        demands = context.demands
        demands.names = .ordinary(names)
        unsafe copenssl_set_app_data(ssl, Unmanaged.passUnretained(self).toOpaque())
        unsafe SSL_set_connect_state(ssl)
        if let serverName { try setServerName(serverName) }
        guard !protocols.isEmpty else { return }
        let list = protocols.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) }
        // SSL_set_alpn_protos is another call that returns 0 for success. It refuses a list that is malformed.
        guard unsafe SSL_set_alpn_protos(ssl, list, UInt32(list.count)) == 0 else {
            throw .fromQueue(.material, "the protocols \(protocols) cannot be offered")
        }
    }

    /// A server.
    package init(server selection: TLSServerSelection, pool: CiphertextPool) throws(TLSError) {
        let context: TLSContext
        switch selection {
        case .fixed(let fixed):
            context = fixed
        case .byServerName(let choose):
            context = try TLSContext.unchosenServer()
            chooser = .mesh(choose)
        }
        demands = context.demands
        unsafe (ssl, queue) = try Self.make(context.handle, pool)
        unsafe copenssl_set_app_data(ssl, Unmanaged.passUnretained(self).toOpaque())
        unsafe SSL_set_accept_state(ssl)
    }

    /// A server for clients outside the mesh.
    package init(server selection: @escaping PublicTLSSelection, pool: CiphertextPool) throws(TLSError) {
        let context = try PublicTLSContext.unchosenServer()
        chooser = .ordinary(selection)
        demands = context.demands
        unsafe (ssl, queue) = try Self.make(context.handle, pool)
        unsafe copenssl_set_app_data(ssl, Unmanaged.passUnretained(self).toOpaque())
        unsafe SSL_set_accept_state(ssl)
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe queue.pointee.releaseOutput()
        unsafe queue.deinitialize(count: 1)
        unsafe queue.deallocate()
    }

    private func setServerName(_ name: String) throws(TLSError) {
        guard unsafe copenssl_set_server_name(ssl, name) == 1 else {
            throw .fromQueue(.material, "\"\(name)\" cannot be sent as a server name")
        }
    }

    private static func make(
        _ context: OpaquePointer, _ pool: CiphertextPool
    ) throws(TLSError) -> (OpaquePointer, UnsafeMutablePointer<CiphertextQueue>) {
        ERR_clear_error()
        guard let ssl = unsafe SSL_new(context) else {
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
            if demands.onlyHTTP2, applicationProtocol != "h2" {
                return .failed(
                    TLSError(
                        .applicationProtocol,
                        "\(peer?.identity ?? "the peer") does not offer the protocol h2 (ALPN); only HTTP/2 is spoken here"
                    ))
            }
            if demands.needsCertificate, peer == nil {
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
            // TLS 1.2 has no such thing.
            if unsafe SSL_version(ssl) >= TLS1_3_VERSION {
                _ = unsafe SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED)
            }
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

    /// The protocol that ALPN has come to; nil if none.
    package var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &name, &length)
        guard length > 0, let name = unsafe name else { return nil }
        // Sound: OpenSSL keeps the name for as long as the session.
        return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }

    /// The certificate that the peer has presented; nil if none.
    package var peerCertificate: PeerCertificate? {
        unsafe SSL_get0_peer_certificate(ssl).map { unsafe PeerCertificate($0) }
    }

    /// Ciphertext of the last `receive` that was not taken yet.
    package var input: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: queue.pointee.input, count: queue.pointee.inputCount)
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
        var problem =
            switch demands.names {
            case .mesh(let verification): unsafe PeerCheck.problem(leaf, names, verification)
            case .ordinary(let wanted): unsafe PeerCheck.problem(leaf, names, wanted)
            }
        if problem == nil { problem = unsafe PeerCheck.problem(leaf, names, demands.pins) }
        if let problem {
            unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
            failure = TLSError(.verification, problem)
            return false
        }
        peer = TLSPeer(
            uriNames: names.uriNames, dnsNames: names.dnsNames, serialNumber: names.serialNumber,
            notAfter: names.notAfter)
        return true
    }

    /// Who finds the context of a server.
    private enum Chooser {
        case mesh((String?) -> TLSServerChoice)
        case ordinary(PublicTLSSelection)
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
        let name = unsafe ClientHello.serverName(ssl)
        switch chooser {
        case .mesh(let choose): return take(choose(name))
        case .ordinary(let choose):
            let offer = TLSClientOffer(serverName: name, protocols: unsafe ClientHello.protocols(ssl))
            return take(choose(offer))
        }
    }

    private func take(_ choice: TLSServerChoice) -> Choice {
        switch choice {
        case .use(let chosen):
            guard chosen.role == .server, unsafe SSL_set_SSL_CTX(ssl, chosen.handle) != nil else {
                failure = TLSError(.material, "the chosen certificate cannot be used by a server")
                return .refused
            }
            demands = chosen.demands
            return .chosen
        case .wait(let wait):
            self.wait = wait
            return .waiting
        case .refuse(let reason):
            failure = TLSError(.unknownServerName, reason)
            return .refused
        }
    }

    private func take(_ choice: PublicTLSChoice) -> Choice {
        switch choice {
        case .use(let chosen):
            // OpenSSL takes certificate, roots and callbacks over with the context, but neither verification nor versions.
            guard chosen.role == .server, unsafe SSL_set_SSL_CTX(ssl, chosen.handle) != nil,
                unsafe copenssl_set_session_versions(ssl, chosen.lowest.number, chosen.highest.number) == 1
            else {
                failure = TLSError(.material, "the chosen certificate cannot be used by a server")
                return .refused
            }
            unsafe SSL_set_verify(ssl, chosen.verifyMode, nil)
            demands = chosen.demands
            return .chosen
        case .refuse(let reason):
            failure = TLSError(.unknownServerName, reason)
            return .refused
        }
    }

    /// Where in `offered` (names, each behind its length) the first of the context's protocols stands that is there.
    func chooseProtocol(_ offered: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        for wanted in demands.protocols {
            var position = 0
            while position < offered.count {
                let start = position + 1
                let end = unsafe start + Int(offered[position])
                guard end <= offered.count else { return nil }
                if unsafe offered[start..<end].elementsEqual(wanted) { return start..<end }
                position = end
            }
        }
        return nil
    }
}
