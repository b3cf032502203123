package import HTTPWire
package import LinuxSystem
package import TLSEngine

extension Tunnel {
    /// Connects `socket` to `address` and negotiates TLS as a client. `completion` is called exactly once, on the loop, never before
    /// this call returns. `timeout` covers both steps. `expectedIdentities`: what the server's certificate must name one of; nil
    /// leaves it to the context.
    @discardableResult
    package static func dial(
        loop: EventLoop, socket: consuming Descriptor, to address: SocketAddress, tls: TLSContext, serverName: String?,
        expectedIdentities: [String]?, configuration: HTTP2Configuration = HTTP2Configuration(), timeout: Duration,
        completion: @escaping (Result<Tunnel, TunnelFailure>) -> Void
    ) -> Tunnel? {
        let session: TLSSession
        do throws(TLSError) {
            session = try TLSSession(
                client: tls, serverName: serverName, expectedIdentities: expectedIdentities,
                pool: loop.buffers.ciphertext)
        } catch {
            let failure = TunnelFailure(.local, address, "\(address): \(error)", tls: error)
            loop.schedule(after: .zero) { completion(.failure(failure)) }
            return nil
        }
        let tunnel = Tunnel(
            loop: loop, socket: socket, role: .client, session: session, remote: address, configuration: configuration)
        tunnel.start = TunnelStart(
            timeout: timeout, onReady: { completion(.success($0)) }, onFailure: { completion(.failure($0)) })
        tunnel.connect()
        return tunnel
    }

    /// Negotiates TLS as a server on an accepted socket. One of the two closures is called exactly once, on the loop.
    package static func accept(
        loop: EventLoop, socket: consuming Descriptor, peer: SocketAddress? = nil, contexts: TLSServerSelection,
        configuration: HTTP2Configuration = HTTP2Configuration(), handshakeTimeout: Duration,
        onReady: @escaping (Tunnel) -> Void, onFailure: @escaping (TunnelFailure) -> Void
    ) {
        let remote = peer ?? (try? Socket.peerAddress(socket.raw)) ?? .any4(port: 0)
        let session: TLSSession
        do throws(TLSError) {
            session = try TLSSession(server: contexts, pool: loop.buffers.ciphertext)
        } catch {
            let failure = TunnelFailure(.local, remote, "\(remote): \(error)", tls: error)
            loop.schedule(after: .zero) { onFailure(failure) }
            return
        }
        let tunnel = Tunnel(
            loop: loop, socket: socket, role: .server, session: session, remote: remote, configuration: configuration)
        tunnel.start = TunnelStart(timeout: handshakeTimeout, onReady: onReady, onFailure: onFailure)
        tunnel.watch()
    }

    private func connect() {
        guard let raw = socket?.raw else { return }
        do throws(Errno) {
            _ = try Socket.connect(raw, to: remote)
            watch()
        } catch {
            // The caller has not got its handle yet, so the verdict waits for the next turn.
            loop.schedule(after: .zero) { [self] in
                failStart(TunnelFailure(.connect, remote, "\(remote): \(error)", system: error))
            }
        }
    }

    private func watch() {
        guard let raw = socket?.raw, let start else { return }
        let watched = loop.register(self, raw, .stream)
        timer = loop.schedule(after: watched ? start.timeout : .zero) { [self] in
            timer = nil
            guard watched else {
                return failStart(
                    TunnelFailure(.local, remote, "\(remote): the kernel can watch no more sockets", system: .noMemory))
            }
            let step = state == .connecting ? "no answer to connect" : "no TLS handshake"
            failStart(TunnelFailure(.timeout, remote, "\(remote): \(step) within \(start.timeout)", system: .timedOut))
        }
    }

    func advanceConnect() {
        guard let raw = socket?.raw else { return }
        if flags.contains(.broken) {
            let error = Socket.pendingError(raw) ?? .connectionReset
            return failStart(TunnelFailure(.connect, remote, "\(remote): \(error)", system: error))
        }
        guard flags.contains(.writable) else { return }
        state = .handshaking
        advanceHandshake()
    }

    func advanceHandshake() {
        guard !flags.contains(.held) else { return }
        stepHandshake()
        while state == .handshaking, !flags.contains(.held), flags.contains(.readable), let raw = socket?.raw {
            let buffers = loop.buffers
            buffers.touch()
            do throws(Errno) {
                guard case .bytes(let count) = unsafe try Transfer.receive(raw, into: buffers.received) else {
                    flags.remove(.readable)
                    return
                }
                guard count > 0 else {
                    return failStart(
                        TunnelFailure(
                            .handshake, remote, "\(remote): the peer closed the connection during the TLS handshake"))
                }
                unsafe session.receive(UnsafeRawBufferPointer(rebasing: buffers.received[..<count]))
                stepHandshake()
            } catch {
                return failStart(
                    TunnelFailure(
                        .handshake, remote, "\(remote): the connection broke during the TLS handshake: \(error)",
                        system: error))
            }
        }
    }

    private func stepHandshake() {
        switch session.handshake() {
        case .incomplete:
            sendOutput()
        case .waiting(let wait):
            flags.insert(.held)
            // The timer of the handshake goes on.
            wait { [weak self] in
                guard let self else { return }
                flags.remove(.held)
                if state == .handshaking { advanceHandshake() }
            }
        case .complete:
            becomeOpen()
        case .failed(let error):
            // The alert tells the peer why.
            sendOutput()
            failStart(TunnelFailure(.handshake, remote, "\(remote): \(error)", tls: error))
        }
    }

    private func becomeOpen() {
        guard let start else { return }
        state = .open
        http.transportOpened(now: loop.now)
        self.start = nil
        if let timer { loop.cancel(timer) }
        timer = nil
        loop.flushAtTurnEnd(self)
        start.onReady(self)
        // What came with the last flight of the handshake is still in the session.
        if state == .open { decryptBatch() }
        if state == .open, flags.contains(.readable) { receiveTurn() }
    }

    /// Ends an attempt: the failure is reported once.
    func failStart(_ failure: TunnelFailure) {
        guard let start else { return }
        self.start = nil
        destroy()
        start.onFailure(failure)
    }
}
