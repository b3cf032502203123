import LinuxSystem
package import TLSEngine

extension TLSChannel {
    /// Negotiates TLS as a client over `lower`, which was not started and belongs to the channel from now on. `serverName` must not be
    /// an address. `completion` is called on the loop, never before this call returns, and not at all after `close`.
    @discardableResult
    package static func connect(
        over lower: ByteChannel, context: PublicTLSContext, serverName: String?, names: TLSPeerNames,
        protocols: [String], timeout: Duration, completion: @escaping Completion
    ) -> TLSChannel? {
        make(over: lower, isRunning: false, [], timeout, completion) { () throws(TLSError) in
            try TLSSession(
                client: context, serverName: serverName, names: names, protocols: protocols,
                pool: lower.loop.buffers.ciphertext)
        }
    }

    /// Negotiates TLS as a server over `lower`, which belongs to the channel from now on. `received`: what came on it, where somebody
    /// has started it already to see what comes; nil where nobody has. None of it may have been credited.
    @discardableResult
    package static func accept(
        over lower: ByteChannel, received: [UInt8]? = nil, selection: @escaping PublicTLSSelection, timeout: Duration,
        completion: @escaping Completion
    ) -> TLSChannel? {
        make(over: lower, isRunning: received != nil, received ?? [], timeout, completion) { () throws(TLSError) in
            try TLSSession(server: selection, pool: lower.loop.buffers.ciphertext)
        }
    }

    private static func make(
        over lower: ByteChannel, isRunning: Bool, _ received: [UInt8], _ timeout: Duration,
        _ completion: @escaping Completion, _ session: () throws(TLSError) -> TLSSession
    ) -> TLSChannel? {
        let loop = lower.loop
        let channel: TLSChannel
        do throws(TLSError) {
            channel = TLSChannel(over: lower, try session())
        } catch {
            lower.close(reset: true)
            loop.schedule(after: .zero) { completion(.failure(TLSChannelFailure(error.message, tls: error))) }
            return nil
        }
        let start = TLSChannelStart(isRunning: isRunning, completion: completion)
        channel.pending = start
        start.timer = loop.schedule(after: timeout) {
            start.timer = nil
            channel.failStart(TLSChannelFailure("no TLS handshake within \(timeout)"))
        }
        unsafe lower.onBytes = { unsafe channel.arrived($0) }
        lower.onEnd = { channel.lowerEnded() }
        lower.onRoom = { channel.lowerHasRoom() }
        lower.onLost = { channel.lowerLost($0) }
        if !received.isEmpty { unsafe received.withUnsafeBytes { unsafe channel.keep($0) } }
        loop.continueNextTurn(channel.turn)
        return channel
    }

    func beginHandshake() {
        guard let pending else { return }
        state = .handshaking
        unsafe advanceHandshake(UnsafeRawBufferPointer(start: nil, count: 0))
        while state == .handshaking, let piece = takeEarly() {
            unsafe piece.withUnsafeBytes { unsafe advanceHandshake($0) }
        }
        guard state == .handshaking else { return }
        if hasLowerEnded { return lowerEnded() }
        if !pending.isRunning { lower.start() }
    }

    /// Goes on with what has come.
    func advanceHandshake(_ bytes: UnsafeRawBufferPointer) {
        unsafe session.receive(bytes)
        let result = session.handshake()
        let rest = unsafe session.input
        let used = bytes.count - rest.count
        switch result {
        case .incomplete:
            session.discardInput()
            passDown()
            use(used)
        case .complete:
            if rest.count > 0 { unsafe keepFirst(rest) }
            session.discardInput()
            passDown()
            use(used)
            complete()
        case .waiting:
            session.discardInput()
            failStart(TLSChannelFailure("the server's certificate is not there"))
        case .failed(let error):
            session.discardInput()
            // The alert tells the peer why.
            passDown()
            failStart(TLSChannelFailure(error.message, tls: error))
        }
    }

    private func complete() {
        guard state == .handshaking, let pending else { return }
        state = .ready
        if let timer = pending.timer { loop.cancel(timer) }
        self.pending = nil
        pending.completion(.success(self))
    }

    /// Ends an attempt: the failure is reported once.
    func failStart(_ failure: TLSChannelFailure) {
        guard let pending else { return }
        end()
        lower.close(reset: false)
        pending.completion(.failure(failure))
    }

    /// The first piece of what came early; nil when there is no more.
    func takeEarly() -> [UInt8]? {
        guard let early else { return nil }
        var vector = unsafe IOVector(base: nil, count: 0)
        _ = unsafe early.describe(into: &vector, limit: 1)
        let count = unsafe vector.count
        let piece = unsafe [UInt8](UnsafeRawBufferPointer(start: vector.base, count: count))
        early.consume(count)
        if early.count == 0 { self.early = nil }
        return piece
    }

    /// Puts the rest of a piece back before what came after it.
    private func keepFirst(_ rest: UnsafeRawBufferPointer) {
        let later = early
        early = nil
        unsafe keep(rest)
        while let later, later.count > 0, early != nil {
            var vector = unsafe IOVector(base: nil, count: 0)
            _ = unsafe later.describe(into: &vector, limit: 1)
            let count = unsafe vector.count
            unsafe keep(UnsafeRawBufferPointer(start: vector.base, count: count))
            later.consume(count)
        }
    }
}
