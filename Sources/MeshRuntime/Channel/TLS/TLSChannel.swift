import HTTPWire
package import TLSEngine

/// A channel that is TLS with a peer outside the mesh, over another channel: a TCP connection, or a stream of a tunnel.
///
/// What is sent in one turn is encrypted into one buffer of the worker's and passed down at the turn's end, or as soon as it is much
/// (D1 a, d). What arrives is decrypted at once; the channel below is credited for what the owner has credited, and for what TLS needs
/// itself. An end without close_notify is a loss, as it may have been made by anybody on the way. Confined to its loop.
@safe
package final class TLSChannel: ByteChannel {
    /// Called once. The channel was not started.
    package typealias Completion = (Result<TLSChannel, TLSChannelFailure>) -> Void

    /// Where a channel is in its life; it only moves forward.
    enum State: Comparable {
        /// Nothing was said.
        case idle
        /// TLS is being negotiated.
        case handshaking
        /// The owner has it, and has not started it.
        case ready
        /// Bytes are delivered.
        case open
        /// It was closed or lost.
        case ended
    }

    let lower: ByteChannel
    let session: TLSSession
    let turn: TLSChannelTurn
    var state = State.idle
    var pending: TLSChannelStart?
    /// Ciphertext that came before anybody wanted it. It is not credited, so the window of the channel below bounds it.
    var early: Backlog?
    /// The channel below has ended; seen once `early` is gone.
    var hasLowerEnded = false
    /// Ciphertext that has come and the channel below was not credited for, less plaintext that the owner holds. Below 0 while less of
    /// a record was credited than there is plaintext in it.
    private var owed = 0
    private var hasPeerFinished = false
    private var isFinishing = false
    private var hasFinished = false
    /// Something was sent, so that `onRoom` is due.
    private var owesRoom = false
    /// Small pieces of this turn, gathered into one record.
    private var record: UnsafeMutableRawPointer?
    private var recordCount = 0

    init(over lower: ByteChannel, _ session: TLSSession) {
        self.lower = lower
        self.session = session
        turn = TLSChannelTurn(loop: lower.loop)
        super.init(lower.loop)
        turn.channel = self
    }

    deinit {
        if let record = unsafe record { unsafe loop.buffers.records.give(record) }
    }

    /// The protocol that ALPN has come to; nil if none.
    package var applicationProtocol: String? { session.applicationProtocol }

    /// The certificate that the peer has presented; nil if none. Verified unless the context verifies nothing.
    package var peerCertificate: PeerCertificate? { session.peerCertificate }

    /// The negotiated cipher suite.
    package var cipherSuite: String { session.cipherSuite }

    override package var queuedBytes: Int { recordCount + session.outputCount + lower.queuedBytes }

    override package var untakenBytes: Int { recordCount + session.outputCount + lower.untakenBytes }

    override package var isOpen: Bool { (state == .ready || state == .open) && lower.isOpen }

    override package func start() {
        guard state == .ready else {
            loop.schedule(after: .zero) { [self] in lost("the connection was over before it was used") }
            return
        }
        state = .open
        if early != nil || hasLowerEnded { loop.continueNextTurn(turn) }
    }

    // MARK: sending

    override package func send(_ bytes: UnsafeRawBufferPointer) {
        guard isOpen, !isFinishing, bytes.count > 0 else { return }
        owesRoom = true
        loop.flushAtTurnEnd(turn)
        if bytes.count <= RuntimeLimits.gatheredBytes { return unsafe gather(bytes) }
        guard seal() else { return }
        var rest = unsafe bytes
        while rest.count > 0 {
            let size = min(rest.count, RuntimeLimits.recordBytes)
            guard unsafe encrypt(UnsafeRawBufferPointer(rebasing: rest[..<size])) else { return }
            unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[size...])
        }
    }

    private func gather(_ bytes: UnsafeRawBufferPointer) {
        if recordCount + bytes.count > RuntimeLimits.recordBytes {
            guard seal() else { return }
        }
        guard let record = unsafe record ?? loop.buffers.records.take(), let source = bytes.baseAddress else { return }
        unsafe self.record = unsafe record
        unsafe (record + recordCount).copyMemory(from: source, byteCount: bytes.count)
        recordCount += bytes.count
    }

    /// Encrypts what was gathered; false if the channel was lost.
    private func seal() -> Bool {
        guard let record = unsafe record, recordCount > 0 else { return true }
        let bytes = unsafe UnsafeRawBufferPointer(start: record, count: recordCount)
        recordCount = 0
        return unsafe encrypt(bytes)
    }

    private func encrypt(_ bytes: UnsafeRawBufferPointer) -> Bool {
        loop.buffers.touch()
        if let error = unsafe session.write(bytes) {
            end()
            lower.close(reset: true)
            // Not in the owner's call.
            loop.schedule(after: .zero) { [self] in lost(error.message) }
            return false
        }
        if session.outputCount >= RuntimeLimits.outputHighWatermark { passDown() }
        return true
    }

    /// Gives what is encrypted to the channel below.
    func passDown() {
        let count = session.outputCount
        guard count > 0 else { return }
        unsafe lower.send(session.output)
        session.consumeOutput(count)
    }

    override package func finish() {
        guard isOpen, !isFinishing, seal() else { return }
        isFinishing = true
        // The last word of TLS waits like bytes do, and whoever waits for the last to leave is told.
        owesRoom = true
        session.close()
        loop.flushAtTurnEnd(turn)
    }

    func turnEnded() {
        guard isOpen, seal() else { return }
        releaseRecord()
        passDown()
        // Passing down may have lost it.
        guard isOpen else { return }
        if isFinishing, !hasFinished {
            hasFinished = true
            lower.finish()
        }
        if lower.queuedBytes == 0 { giveRoom() }
    }

    private func giveRoom() {
        guard owesRoom else { return }
        owesRoom = false
        onRoom?()
    }

    private func releaseRecord() {
        guard let record = unsafe record else { return }
        unsafe loop.buffers.records.give(record)
        unsafe self.record = nil
        recordCount = 0
    }

    override package func close(reset: Bool) {
        guard state != .ended else { return forget() }
        if isOpen, !reset, seal() {
            if !isFinishing { session.close() }
            passDown()
        }
        end()
        forget()
        lower.close(reset: reset)
    }

    /// Nothing more is said or heard. The channel below is the caller's.
    func end() {
        state = .ended
        early = nil
        session.discardInput()
        releaseRecord()
        if let timer = pending?.timer { loop.cancel(timer) }
        pending = nil
    }

    // MARK: receiving

    override package func credit(_ count: Int) {
        owed += count
        settle()
    }

    private func settle() {
        guard owed > 0 else { return }
        let count = owed
        owed = 0
        lower.credit(count)
    }

    func arrived(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .idle, .ready: unsafe keep(bytes)
        case .handshaking: unsafe advanceHandshake(bytes)
        case .open where early != nil: unsafe keep(bytes)
        case .open: unsafe decrypt(bytes)
        case .ended: break
        }
    }

    /// Keeps ciphertext for later.
    func keep(_ bytes: UnsafeRawBufferPointer) {
        let early = self.early ?? Backlog(pool: loop.buffers.chunks)
        self.early = early
        if unsafe !early.append(bytes) { fail("no memory for the bytes that wait") }
    }

    /// Ciphertext was used up that the owner gets nothing of.
    func use(_ count: Int) {
        owed += count
        settle()
    }

    func decrypt(_ bytes: UnsafeRawBufferPointer) {
        // Not the worker's buffers: the bytes may be in one, and the owner may use others while it reads.
        guard let chunk = unsafe loop.buffers.chunks.take() else { return fail("no memory for what has arrived") }
        defer { unsafe loop.buffers.chunks.give(chunk) }
        unsafe session.receive(bytes)
        owed += bytes.count
        var filled = 0
        var outcome = TLSReadResult.incomplete
        while state == .open {
            let room = unsafe UnsafeMutableRawBufferPointer(
                start: chunk + filled, count: RuntimeLimits.chunkBytes - filled)
            outcome = unsafe session.read(into: room)
            guard case .bytes(let count) = outcome else { break }
            filled += count
            // One record always fits.
            if RuntimeLimits.chunkBytes - filled < RuntimeLimits.recordBytes {
                unsafe deliver(UnsafeRawBufferPointer(start: chunk, count: filled))
                filled = 0
            }
        }
        if filled > 0, state == .open { unsafe deliver(UnsafeRawBufferPointer(start: chunk, count: filled)) }
        session.discardInput()
        guard state == .open else { return }
        switch outcome {
        case .bytes, .incomplete: break
        case .closed: peerFinished()
        case .failed(let error): return fail(error.message)
        }
        settle()
        // It may have an answer of its own (a key update).
        if session.outputCount > 0 { loop.flushAtTurnEnd(turn) }
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer) {
        guard let body = unsafe onBytes else { return }
        owed -= bytes.count
        unsafe body(bytes)
    }

    private func peerFinished() {
        guard !hasPeerFinished else { return }
        hasPeerFinished = true
        onEnd?()
    }

    func lowerEnded() {
        switch state {
        case .handshaking: failStart(TLSChannelFailure("the peer closed the connection during the TLS handshake"))
        case .open where early == nil:
            if !hasPeerFinished { fail("the peer closed the connection without close_notify") }
        case .idle, .ready, .open: hasLowerEnded = true
        case .ended: break
        }
    }

    func lowerHasRoom() {
        guard state == .ready || state == .open else { return }
        guard lower.isOpen else { return stopSending() }
        // Told already, perhaps, when what was passed down seemed to have left: the kernel may refuse it at the turn's end.
        owesRoom = true
        if recordCount == 0, session.outputCount == 0 { giveRoom() }
    }

    /// The channel below takes nothing more, and has not been lost.
    private func stopSending() {
        releaseRecord()
        session.consumeOutput(session.outputCount)
        owesRoom = true
        giveRoom()
    }

    func lowerLost(_ reason: String) {
        guard state > .handshaking else {
            return failStart(TLSChannelFailure("the connection broke during the TLS handshake: \(reason)"))
        }
        guard state != .ended else { return }
        end()
        lost(reason)
    }

    /// Ends with what TLS has to say about it.
    func fail(_ reason: String) {
        guard state > .handshaking else { return failStart(TLSChannelFailure(reason)) }
        guard state != .ended else { return }
        passDown()
        end()
        lower.close(reset: false)
        lost(reason)
    }

    // MARK: turns

    func resume() {
        switch state {
        case .idle: beginHandshake()
        case .open: deliverEarly()
        case .handshaking, .ready, .ended: break
        }
    }

    private func deliverEarly() {
        while state == .open, let piece = takeEarly() { unsafe piece.withUnsafeBytes { unsafe decrypt($0) } }
        guard state == .open, hasLowerEnded else { return }
        hasLowerEnded = false
        lowerEnded()
    }
}
