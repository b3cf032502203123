package import LinuxSystem

/// One TCP (or unix stream) connection: its descriptor, what the kernel last said about it, and the bytes that the kernel did not
/// take yet. It has no read buffer: whoever consumes it reads into the worker's.
///
/// Confined to its loop, edge-triggered, TCP_NODELAY. Closes when it is dropped or told to.
@safe
package final class TCPConnection: EventSource {
    struct Flags: OptionSet {
        var rawValue: UInt16
        /// A read may succeed.
        static let readable = Flags(rawValue: 1)
        /// A write may succeed.
        static let writable = Flags(rawValue: 2)
        /// FIN was received; the data before it may not have been read.
        static let peerClosed = Flags(rawValue: 4)
        /// The kernel reported an error.
        static let broken = Flags(rawValue: 8)
        /// FIN is to be sent after the backlog.
        static let finishing = Flags(rawValue: 16)
        /// FIN was sent.
        static let finished = Flags(rawValue: 32)
        /// Urgent data has come: a read stops there though more follows, so a short one does not mean that the socket is empty.
        static let urgent = Flags(rawValue: 64)
        /// A short read may have left something: the end, or what follows urgent data.
        static let mayHoldMore: Flags = [.peerClosed, .urgent]
    }

    private var socket: Descriptor?
    /// The number of the socket; -1 after `close`.
    private(set) var raw: CInt
    var flags: Flags = [.writable]
    // Frames to read at once: grows while reads come back full, so that small exchanges do not pay for long vectors.
    private var readFrames = 1
    private var backlog: Backlog?
    // Bytes at the front of the backlog that are not the consumer's (a preamble), so they are not reported as sent.
    private var preamble = 0
    var consumer: TCPConsumer?
    private var onReset: (() -> Void)?
    private var knownLocal: SocketAddress?
    /// The other end.
    package let peer: SocketAddress

    /// Takes a connected socket. If the kernel cannot watch it, it is treated as reset.
    package convenience init(loop: EventLoop, socket: consuming Descriptor, peer: SocketAddress? = nil) {
        self.init(connecting: loop, socket: socket, peer: peer)
        loop.watch(self)
    }

    /// Takes a socket without watching it.
    init(connecting loop: EventLoop, socket: consuming Descriptor, peer: SocketAddress?) {
        raw = socket.raw
        self.peer = peer ?? (try? Socket.peerAddress(socket.raw)) ?? .any4(port: 0)
        // A unix socket has no such option, and needs none.
        _ = try? Socket.setNoDelay(socket.raw)
        self.socket = consume socket
        super.init(loop: loop)
    }

    deinit {
        if raw >= 0 { loop.connectionsClosed &+= 1 }
    }

    /// This end; 0.0.0.0:0 for a unix socket or a closed connection.
    package var local: SocketAddress {
        if let knownLocal { return knownLocal }
        let address = (try? Socket.localAddress(raw)) ?? .any4(port: 0)
        knownLocal = address
        return address
    }

    /// Where the connection went before nftables redirected it; nil if it was not redirected.
    package var originalDestination: SocketAddress? {
        raw < 0 ? nil : Socket.originalDestination(raw, local: local)
    }

    /// False after `close` or `reset`.
    package var isOpen: Bool { raw >= 0 }

    /// Bytes that wait for the kernel.
    package var pendingBytes: Int { backlog?.count ?? 0 }

    /// Calls `body` once if the peer resets the connection, or vanishes, before a relay or reader has it.
    package func onPeerReset(_ body: @escaping () -> Void) {
        onReset = body
        if flags.contains(.broken) { loop.continueNextTurn(self) }
    }

    /// Closes: FIN after what the kernel has already taken. Unsent bytes are dropped.
    package func close() {
        guard raw >= 0 else { return }
        loop.deregister(self)
        socket = nil
        raw = -1
        loop.connectionsClosed &+= 1
        flags = []
        backlog = nil
        consumer = nil
        onReset = nil
    }

    /// Closes with RST: the peer learns that the exchange did not end well.
    package func reset() {
        guard raw >= 0 else { return }
        _ = try? Socket.setResetOnClose(raw)
        close()
    }

    /// Takes over the events; what happened before is reported in the next turn.
    func attach(_ consumer: TCPConsumer) {
        self.consumer = consumer
        onReset = nil
    }

    // MARK: events

    override func handle(_ events: EpollEvents) {
        if events.has(.anyInput) { flags.insert(.readable) }
        if events.has(.writable) { flags.insert(.writable) }
        if events.has(.peerClosed) { flags.insert(.peerClosed) }
        if events.has(.error) { flags.insert(.broken) }
        if events.has(.urgent) { flags.insert(.urgent) }
        deliver()
    }

    override func resume() {
        guard raw >= 0 else { return }
        if let consumer { consumer.connectionResumed(self) } else { deliver() }
    }

    override func turnEnded() { consumer?.connectionTurnEnded(self) }

    private func deliver() {
        if let consumer { return consumer.connectionReady(self) }
        // Nobody relays yet, but a preamble may wait. An error shows in the events.
        if hasBacklog, flags.contains(.writable) { _ = try? flush() }
        guard flags.contains(.broken), let body = onReset else { return }
        onReset = nil
        body()
    }

    /// Marks the connection as lost because the kernel cannot watch it.
    func refuseWatch() {
        flags.insert(.broken)
        loop.continueNextTurn(self)
    }

    /// The error that broke the connection.
    func takeError() -> Errno {
        raw < 0 ? .badDescriptor : Socket.pendingError(raw) ?? .connectionReset
    }

    // MARK: reading

    /// Reads at most `limit` bytes into the worker's staging frames, leaving nine bytes before each. 0 is the end.
    func readStaged(upTo limit: Int) throws(Errno) -> IOResult {
        let payload = RuntimeLimits.recordBytes - RuntimeLimits.frameHeaderBytes
        let buffers = loop.buffers
        buffers.touch()
        let wanted = min(limit, readFrames * payload)
        let count = (wanted + payload - 1) / payload
        let vectors = unsafe buffers.stagingVectors
        let last = wanted - (count - 1) * payload
        unsafe vectors[count - 1].count = last
        defer { unsafe vectors[count - 1].count = payload }
        let result = unsafe try Transfer.read(raw, into: vectors, count: count)
        switch result {
        case .bytes(let got):
            if got < wanted {
                // Short: the socket is empty, and the next bytes bring a new event. After FIN the end must still be read.
                if got > 0, flags.isDisjoint(with: .mayHoldMore) { flags.remove(.readable) }
                if got <= payload { readFrames = 1 }
            } else if wanted < limit {
                readFrames = min(readFrames * 4, RuntimeLimits.stagedFrames)
            }
        case .wouldBlock:
            flags.subtract([.readable, .urgent])
        }
        return result
    }

    /// Reads at most `limit` bytes into the worker's receive buffer. 0 is the end.
    func readPlain(upTo limit: Int = RuntimeLimits.receiveBytes) throws(Errno) -> IOResult {
        loop.buffers.touch()
        // Sound: the loop, which is there, keeps its buffers.
        let room = unsafe loop.buffers.received
        let wanted = unsafe min(limit, room.count)
        let result = unsafe try Transfer.receive(
            raw, into: UnsafeMutableRawBufferPointer(rebasing: room[..<wanted]))
        switch result {
        case .bytes(let got):
            if got > 0, got < wanted, flags.isDisjoint(with: .mayHoldMore) { flags.remove(.readable) }
        case .wouldBlock:
            flags.subtract([.readable, .urgent])
        }
        return result
    }

    // MARK: writing

    /// Queues a few bytes that are not relayed: a PROXY preamble before the relay starts, or the answers of a small server.
    /// False if the connection is closed or `RuntimeLimits.writeQueueBytes` are waiting.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        guard raw >= 0, !flags.contains(.finishing), pendingBytes + bytes.count <= RuntimeLimits.writeQueueBytes else {
            return false
        }
        return unsafe bytes.withUnsafeBytes { buffer in
            var rest = unsafe buffer
            if backlog == nil {
                // An error shows again in the events, where it is handled.
                if case .bytes(let count)? = unsafe try? Transfer.send(raw, buffer) {
                    unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[count...])
                }
            }
            guard rest.count > 0 else { return true }
            preamble += rest.count
            flags.remove(.writable)
            return unsafe keep(rest)
        }
    }

    /// Sends FIN after everything that is queued. Reading goes on.
    package func finishWriting() {
        guard raw >= 0, !flags.contains(.finishing) else { return }
        flags.insert(.finishing)
        finishIfDrained()
    }

    private func finishIfDrained() {
        guard backlog == nil, flags.contains(.finishing), !flags.contains(.finished), raw >= 0 else { return }
        flags.insert(.finished)
        // ENOTCONN: the peer has reset; its event follows.
        _ = try? Socket.shutdownWriting(raw)
    }

    /// Sends `count` vectors of the worker's scratch, `total` bytes; what the kernel does not take is kept. Returns the bytes
    /// that it took now.
    func send(_ vectors: UnsafeMutablePointer<IOVector>, count: Int, total: Int) throws(Errno) -> Int {
        var sent = 0
        if backlog == nil, flags.contains(.writable) {
            // One piece, as a head with a short body is, needs no message header.
            let result =
                count == 1
                ? unsafe try Transfer.send(raw, UnsafeRawBufferPointer(start: vectors[0].base, count: vectors[0].count))
                : unsafe try Transfer.send(raw, from: vectors, count: count)
            if case .bytes(let taken) = result { sent = taken }
            if sent == total { return sent }
            flags.remove(.writable)
        }
        var skip = sent
        for index in 0..<count {
            let vector = unsafe vectors[index]
            if unsafe skip >= vector.count {
                unsafe skip -= vector.count
                continue
            }
            let rest = unsafe UnsafeRawBufferPointer(
                start: vector.base.map { unsafe $0 + skip }, count: unsafe vector.count - skip)
            skip = 0
            guard unsafe keep(rest) else { throw .noMemory }
        }
        return sent
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let backlog = self.backlog ?? Backlog(pool: loop.buffers.chunks)
        self.backlog = backlog
        return unsafe backlog.append(bytes)
    }

    /// Sends from the backlog while the kernel takes it. Returns how many of the consumer's bytes (not a preamble's) it took.
    func flush() throws(Errno) -> Int {
        var own = 0
        while let backlog, flags.contains(.writable) {
            let vectors = unsafe loop.buffers.vectors
            let count = unsafe backlog.describe(into: vectors, limit: 16)
            guard case .bytes(let taken) = unsafe try Transfer.send(raw, from: vectors, count: count) else {
                flags.remove(.writable)
                break
            }
            backlog.consume(taken)
            let ours = min(taken, preamble)
            preamble -= ours
            own += taken - ours
            if backlog.count == 0 { self.backlog = nil }
        }
        finishIfDrained()
        return own
    }

    var hasBacklog: Bool { backlog != nil }
}

extension EventLoop {
    /// Watches a connected socket for everything, by edges: one `epoll_ctl` in its life.
    func watch(_ connection: TCPConnection) {
        guard register(connection, connection.raw, .stream) else {
            return connection.refuseWatch()
        }
    }
}
