package import HTTPWire
package import LinuxSystem
package import TLSEngine

/// One TLS + HTTP/2 connection, either end, that carries CONNECT streams (HBONE, Z 2) or gRPC messages.
///
/// Owns the socket, the TLS session and the HTTP/2 state; holds no buffer of its own while idle. Confined to its loop. What streams
/// write in one turn leaves together at the turn's end (D1 d); what arrives is decrypted in batches, and each stream's share
/// goes out in one call.
@safe
package final class Tunnel: EventSource {
    /// Where a tunnel is in its life; it only moves forward.
    enum State: Comparable {
        /// The TCP connection is being made.
        case connecting
        /// TLS is being negotiated.
        case handshaking
        /// Streams come and go.
        case open
        /// Streams are gone; the last bytes are being sent.
        case closing
        /// The socket is closed.
        case closed
    }

    struct Flags: OptionSet {
        var rawValue: UInt16
        static let readable = Flags(rawValue: 1)
        static let writable = Flags(rawValue: 2)
        static let peerClosed = Flags(rawValue: 4)
        static let broken = Flags(rawValue: 8)
        static let finished = Flags(rawValue: 16)
        static let closeNotified = Flags(rawValue: 32)
        static let peerNotified = Flags(rawValue: 64)
        /// The handshake is held until the server's certificate is there.
        static let held = Flags(rawValue: 128)
        /// Urgent data has come: a read stops there though more follows.
        static let urgent = Flags(rawValue: 256)
        /// It is drained but for the last bytes.
        static let endingAfterOutput = Flags(rawValue: 512)
        /// A short read may have left something: the end, or what follows urgent data.
        static let mayHoldMore: Flags = [.peerClosed, .urgent]
    }

    /// The other end.
    package let remote: SocketAddress
    /// Which end this is.
    package let role: HTTP2Role
    /// Server: each new request. Set it when the tunnel is handed over.
    package var onRequest: ((TunnelStream, HTTPFieldBlock) -> Void)?
    /// Called exactly once, after the last stream was told.
    package var onClosed: ((TunnelClosure) -> Void)?

    var state: State
    var flags: Flags = []
    var socket: Descriptor?
    let session: TLSSession
    var http: HTTP2Connection
    var streams: [UInt32: TunnelStream] = [:]
    /// Streams whose bytes wait until the socket takes more.
    var waiting: [TunnelStream] = []
    /// Streams with fragments in the current batch.
    var touched: [TunnelStream] = []
    /// Small frames of this turn, gathered into one record.
    var record: UnsafeMutableRawPointer?
    var recordCount = 0
    var timer: TimerID?
    var timerDeadline: MonotonicTime?
    private var knownLocal: SocketAddress?
    var start: TunnelStart?

    init(
        loop: EventLoop, socket: consuming Descriptor, role: HTTP2Role, session: TLSSession, remote: SocketAddress,
        configuration: HTTP2Configuration
    ) {
        self.role = role
        self.remote = remote
        self.session = session
        state = role == .client ? .connecting : .handshaking
        http = HTTP2Connection(role: role, configuration: configuration, now: loop.now, memory: loop.memory)
        _ = try? Socket.setNoDelay(socket.raw)
        self.socket = consume socket
        super.init(loop: loop)
    }

    deinit {
        if let record = unsafe record { unsafe loop.buffers.records.give(record) }
    }

    /// This end; 0.0.0.0:0 after the tunnel closed, unless it was asked for before.
    package var local: SocketAddress {
        if let knownLocal { return knownLocal }
        guard let raw = socket?.raw, let address = try? Socket.localAddress(raw) else { return .any4(port: 0) }
        knownLocal = address
        return address
    }

    /// Who the other end proved to be.
    package var peer: TLSPeer {
        session.peer ?? TLSPeer(uriNames: [], dnsNames: [], serialNumber: "", notAfter: 0)
    }

    /// The negotiated cipher suite.
    package var cipherSuite: String { session.cipherSuite }

    /// Streams that count against `streamLimit`.
    package var activeStreams: Int { http.openStreamCount }

    /// Streams that the peer lets this side have open.
    package var streamLimit: Int { Int(clamping: http.peerMaxConcurrentStreams) }

    /// True if `open` can succeed now.
    package var isOpenForNewStreams: Bool { state == .open && http.canOpenStream }

    /// What the HTTP/2 connection has counted.
    package var counters: HTTP2Counters { http.counters }

    /// Encrypted bytes that wait for the socket.
    package var pendingBytes: Int { session.outputCount + recordCount }

    /// The descriptor, for socket options of the caller; nil after the tunnel closed.
    package var raw: CInt? { socket?.raw }

    // MARK: streams

    /// Client: opens a stream. `onResponse` gets the final response; `onEnd` is called once when the stream is gone, unless a relay has
    /// taken it over by then. Nil if the tunnel takes no stream now.
    package func open(
        _ fields: HTTPFieldBlock, endStream: Bool = false,
        onResponse: @escaping (TunnelStream, HTTPFieldBlock, _ endStream: Bool) -> Void,
        onEnd: @escaping (TunnelStream, StreamEnd) -> Void
    ) -> TunnelStream? {
        guard state == .open, let id = http.openStream(fields, endStream: endStream) else { return nil }
        let stream = TunnelStream(self, id)
        stream.onResponse = onResponse
        stream.onEnd = onEnd
        if endStream { stream.flags.insert(.localEnded) }
        streams[id.rawValue] = stream
        loop.flushAtTurnEnd(self)
        return stream
    }

    /// Takes no new streams (GOAWAY), lets the present ones finish, and closes when the last has ended.
    package func drain() {
        guard state == .open else { return }
        http.goAway(.noError, graceful: true)
        loop.flushAtTurnEnd(self)
    }

    /// Ends every stream and closes, with GOAWAY and `code`.
    package func close(_ code: HTTP2ErrorCode) {
        switch state {
        case .connecting, .handshaking:
            failStart(TunnelFailure(.local, remote, "\(remote): given up by this side"))
        case .open:
            http.goAway(code, graceful: false)
            end(TunnelClosure(reason: .closedHere(code), message: "the tunnel was closed by this side: \(code)"))
        case .closing, .closed:
            break
        }
    }

    /// Forgets a stream that has ended on both sides or was reset.
    func remove(_ stream: TunnelStream) {
        streams[stream.id.rawValue] = nil
    }

    // MARK: events

    override func handle(_ events: EpollEvents) {
        if events.has(.anyInput) { flags.insert(.readable) }
        if events.has(.writable) { flags.insert(.writable) }
        if events.has(.peerClosed) { flags.insert(.peerClosed) }
        if events.has(.error) { flags.insert(.broken) }
        if events.has(.urgent) { flags.insert(.urgent) }
        advance()
    }

    override func resume() { advance() }

    override func turnEnded() { flushTurn() }

    private func advance() {
        switch state {
        case .connecting: advanceConnect()
        case .handshaking: advanceHandshake()
        case .open: advanceOpen()
        case .closing: advanceClosing()
        case .closed: break
        }
    }

    private func advanceOpen() {
        if flags.contains(.writable), session.outputCount > 0 { loop.flushAtTurnEnd(self) }
        if flags.contains(.readable) { receiveTurn() }
    }
}
