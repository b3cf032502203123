/// One end of an HTTP/2 connection (RFC 9113), without IO: bytes in, events and bytes out, time as an argument.
///
/// Owned by exactly one loop. It never buffers DATA: received payload is reported as ranges of the caller's input, and
/// payload to send is framed by the caller, who asks for windows before and reports after. So the order of the wire is
/// the caller's care: whatever `drainOutput` yields goes out before DATA that is framed later, and DATA that has been
/// framed goes out before anything that later calls put into the output.
///
/// Flow control: each byte of a `.data` event is handed back once with `credit` when it has been passed on. When a
/// stream is reset by either side, the connection credits what is outstanding.
///
/// Errors: a stream error becomes RST_STREAM and `.reset(byPeer: false)`; a connection error becomes GOAWAY and
/// `.failed`, after which all input is ignored. Every resource that a peer can make this side spend is bounded, see
/// `HTTP2Limits`.
package struct HTTP2Connection: ~Copyable {
    /// The initial window and connection window of RFC 9113 section 6.9.2.
    static let defaultWindow = 65_535
    /// What Istio assumes until the peer's SETTINGS arrive.
    static let initialStreamLimit: UInt32 = 100

    /// Which end this is.
    package let role: HTTP2Role
    /// What this end announced, clamped to what the protocol allows.
    package let configuration: HTTP2Configuration
    /// What has been seen so far.
    package internal(set) var counters = HTTP2Counters()
    /// Why the last malformed message was refused; for logs.
    package internal(set) var lastMalformedMessage: HTTP2MalformedMessage?

    // Input.
    var phase: HTTP2InputPhase
    /// A frame header or payload that arrives in pieces.
    var partial: [UInt8] = []
    var pendingHeaders: HTTP2PendingHeaders?
    var headerBlock: [UInt8] = []
    var decoder: HPACKDecoder
    var now: MonotonicTime
    var hasFailed = false
    var peerSettingsSeen = false
    var settingsAcknowledged = false
    /// When the peer could first have read our SETTINGS.
    var settingsSent: MonotonicTime

    // Streams.
    var streams = HTTP2StreamTable()
    var recentResets: HTTP2RecentResets
    var activeStreams = 0
    /// The highest stream that the peer opened.
    var lastPeerStream: UInt32 = 0
    /// The next stream that this side opens.
    var nextLocalStream: UInt32

    // Windows.
    var receiveWindow: HTTP2ReceiveWindow
    /// The account that windows of streams are taken from; nil: each is as large as the configuration says.
    private(set) var memory: HeldMemory?
    /// What all streams have of that account, in bytes.
    var charged = 0
    /// What SETTINGS announce as the window of a stream.
    let announcedStreamWindow: Int
    /// What streams start with: the default until a lower own setting is acknowledged.
    var receiveStreamWindow: Int
    var sendWindow = HTTP2Connection.defaultWindow
    var peerInitialWindow = HTTP2Connection.defaultWindow
    var sendQueue = HTTP2SendQueue()

    // Peer's settings.
    /// The largest frame payload that the peer accepts.
    package internal(set) var peerMaxFrameSize = 16_384
    /// Streams that the peer lets this side have open: 100 until it says otherwise, then what it says.
    package internal(set) var peerMaxConcurrentStreams = HTTP2Connection.initialStreamLimit
    /// The peer accepts extended CONNECT (RFC 8441).
    package internal(set) var peerAllowsConnectProtocol = false

    // Going away.
    var localGoAway: HTTP2GoAwayState = .none
    /// The last stream of the peer's GOAWAY.
    var peerGoAwayLast: UInt32?

    // Output.
    var output: [UInt8] = []
    var encoder = HPACKEncoder()
    var scratch: [UInt8] = []

    // Liveness and bounds.
    var keepAlive: HTTP2KeepAliveTimer
    var rates = HTTP2RateCounters()

    /// Queues the preface, SETTINGS and, for a larger connection window, WINDOW_UPDATE. With `memory`, what streams may send before it is
    /// credited begins small and grows with their pace up to `initialStreamWindow`, as far as the account has room.
    package init(
        role: HTTP2Role, configuration: HTTP2Configuration, now: MonotonicTime, memory: HeldMemory? = nil
    ) {
        let configuration = configuration.clamped
        self.role = role
        self.configuration = configuration
        self.now = now
        settingsSent = now
        phase = role == .server ? .preface(matched: 0) : .header
        nextLocalStream = role == .client ? 1 : 2
        // Until SETTINGS are acknowledged the peer may go by the defaults where those are larger.
        decoder = HPACKDecoder(tableSize: max(4096, configuration.headerTableSize))
        self.memory = memory
        announcedStreamWindow =
            memory == nil
            ? configuration.initialStreamWindow : min(configuration.initialStreamWindow, HeldMemory.leastWindow)
        receiveStreamWindow = max(announcedStreamWindow, Self.defaultWindow)
        receiveWindow = HTTP2ReceiveWindow(size: memory == nil ? configuration.connectionWindow : Self.defaultWindow)
        recentResets = HTTP2RecentResets(limit: configuration.limits.rememberedResets)
        keepAlive = HTTP2KeepAliveTimer(configuration.keepAlivePing, now: now)
        queuePreface()
    }

    deinit { giveBack() }

    /// What came in is dropped, and nothing more is taken: the account gets back what this connection has of it.
    package mutating func leaveMemory() {
        giveBack()
        memory = nil
        charged = 0
    }

    private func giveBack() {
        guard let memory else { return }
        memory.hold(-receiveWindow.held)
        memory.charge(-charged)
    }

    /// The transport has come to carry bytes, after a handshake of its own: what the peer has a limited time for begins now and
    /// not when this was made.
    package mutating func transportOpened(now: MonotonicTime) {
        self.now = now
        settingsSent = now
        keepAlive.received(now: now)
    }

    /// True if bytes wait to be written.
    package var hasOutput: Bool { !output.isEmpty }

    /// Hands all waiting bytes to `body` once and forgets them. They go out before DATA that is framed later.
    package mutating func drainOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard !output.isEmpty else { return }
        // Sound: the pointer is used only during the call.
        unsafe output.withUnsafeBytes { unsafe body($0) }
        output.removeAll(keepingCapacity: output.capacity <= 1024)
    }

    /// Bytes of DATA received on all streams and not credited yet: what this end, or whoever it passes them to, holds for the peer.
    package var heldByteCount: Int { receiveWindow.held }

    /// Streams that have not ended on both sides.
    package var openStreamCount: Int { activeStreams }

    /// True if `openStream` can succeed now.
    package var canOpenStream: Bool {
        role == .client && !hasFailed && localGoAway == .none && peerGoAwayLast == nil
            && activeStreams < Int(peerMaxConcurrentStreams) && nextLocalStream <= HTTP2StreamID.maximum.rawValue
    }

    /// True once either side sent GOAWAY or the connection failed: no new streams from this side.
    package var isGoingAway: Bool { hasFailed || localGoAway != .none || peerGoAwayLast != nil }

    /// True if `id` could not have been used yet.
    func isIdle(_ id: UInt32) -> Bool {
        if (id & 1 == 1) == (role == .client) { return id >= nextLocalStream }
        return id > lastPeerStream
    }
}
