/// One end of an HTTP/1.1 connection (RFC 9112), without IO: bytes in, events and bytes out, time as an argument.
///
/// It speaks to its owner in the form of HTTP/2 (RFC 9113 section 8): heads are field blocks with pseudo-header fields, content is
/// DATA, trailers are a block. So the owner handles one form whatever the two sides speak, and this type is the translation: Host is
/// `:authority`, chunks are undone and made, fields that concern one connection are taken out and put in, a WebSocket handshake is
/// an extended CONNECT (RFC 8441).
///
/// Owned by exactly one loop. It never buffers content: received payload is reported as ranges of the caller's input, and payload to
/// send is framed by the caller with `frameData`. So the order of the wire is the caller's care: whatever `drainOutput` yields goes
/// out before data that is framed later, and data that has been framed goes out before anything that later calls put into the output.
///
/// One exchange at a time. A client that pipelines is held: `receive` takes nothing of the next request until the response to the one
/// before has been sent, and the caller keeps the rest, reads no more while `wantsInput` is false, and offers the rest again when it is
/// true. So the bytes that a pipelining client can make this side keep are those of one read. A client role never pipelines.
///
/// Strict: whatever two readers could understand differently is refused, and costs the connection. Every resource that a peer can make
/// this side spend is bounded, see `HTTP1Limits`. The time between bytes of content is the caller's to bound: only it knows which
/// side a stream waits for.
package struct HTTP1Connection: ~Copyable {
    /// Which end this is.
    package let role: HTTP1Role
    /// How this end behaves.
    package let configuration: HTTP1Configuration
    /// What has been seen so far.
    package internal(set) var counters = HTTP1Counters()

    // Input.
    var inputPhase: HTTP1InputPhase
    var reader = HTTP1HeadReader()
    var peerHasClosed = false

    // The exchange.
    var exchange = HTTP1ExchangeState()
    var isExchanging = false

    // Output.
    var outputPhase = HTTP1OutputPhase.idle
    var output: [UInt8] = []
    /// No exchange begins after this one.
    var isDraining = false
    /// Nothing is read or sent any more but what is in the output.
    var isFinished = false

    // Time.
    var now: MonotonicTime
    var headDeadline: MonotonicTime?
    var idleSince: MonotonicTime
    /// The limits' times, reckoned once.
    let headNanoseconds: UInt64
    let idleNanoseconds: UInt64

    /// A connection on which nothing has been sent or received.
    package init(role: HTTP1Role, configuration: HTTP1Configuration = HTTP1Configuration(), now: MonotonicTime) {
        self.role = role
        self.configuration = configuration
        self.now = now
        idleSince = now
        headNanoseconds = MonotonicTime.saturatedNanoseconds(configuration.limits.headTime)
        idleNanoseconds = MonotonicTime.saturatedNanoseconds(configuration.limits.idleTime)
        inputPhase = role == .server ? .startLine(emptyLines: 0) : .held
    }

    /// True if bytes wait to be written.
    package var hasOutput: Bool { !output.isEmpty }

    /// Hands all waiting bytes to `body` once and forgets them. They go out before data that is framed later.
    package mutating func drainOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard !output.isEmpty else { return }
        // Sound: the pointer is used only during the call.
        unsafe output.withUnsafeBytes { unsafe body($0) }
        output.removeAll(keepingCapacity: output.capacity <= 4096)
    }

    /// The same for an owner that may be led back here while it writes: takes the waiting bytes out. They go out before data that is framed
    /// later; the room is given back with `reuse`.
    package mutating func takeOutput() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &output)
        return taken
    }

    /// Gives the room of bytes back that were taken out and have been written.
    package mutating func reuse(_ room: inout [UInt8]) {
        guard output.isEmpty, room.capacity <= 4096 else { return }
        room.removeAll(keepingCapacity: true)
        swap(&room, &output)
    }

    /// True if there is no exchange: a client can send a request, and either end can close without loss. A server that has
    /// read a part of the next request is not idle.
    package var isIdle: Bool {
        guard !isExchanging, !isFinished else { return false }
        if role == .client { return true }
        if case .startLine = inputPhase { return reader.isAtLineStart }
        return false
    }

    /// False while input is not taken: a response has to be sent first.
    package var wantsInput: Bool {
        if case .held = inputPhase { return role == .client }
        return true
    }

    /// True if the caller has to close the transport once all output and framed data are written. A server should shut down writing
    /// first and read for a moment, or what the client has under way destroys the response (RFC 9112 section 9.6).
    package var isClosing: Bool { isFinished }

    /// True if the connection carries bytes of another protocol, or is about to.
    package var isTunnel: Bool { outputPhase == .tunnel || isInputTunnel }

    /// Client: true once a byte of the response has arrived. Before that a connection that was used before may just have been closed
    /// by a server that was tired of it, and a request that is safe to repeat can go to another (RFC 9110 section 9.2.2).
    package var hasResponseBegun: Bool { exchange.hasResponseBegun }

    /// True if this side has ended its half of a tunnel: the caller shuts down writing once all is written.
    package var hasEndedTunnel: Bool { isInputTunnel && outputPhase == .ended }

    var isInputTunnel: Bool {
        if case .tunnel = inputPhase { return true }
        return false
    }

    /// Takes no further exchange: the next head that is sent says `Connection: close`, and an idle connection is closing at once.
    package mutating func drain() {
        isDraining = true
        if isIdle { finish() }
    }

    /// The connection is of no more use.
    mutating func finish() {
        isFinished = true
        isExchanging = false
        inputPhase = .closed
        outputPhase = .ended
        headDeadline = nil
        reader = HTTP1HeadReader()
    }

    /// Ends the exchange abruptly, as RST_STREAM does in HTTP/2: the peer sees a message that is cut off, never one that looks
    /// complete. The caller closes the transport once the output is written.
    package mutating func abort() {
        finish()
    }

    /// Both messages are complete, or the last one was.
    mutating func finishExchangeIfComplete() {
        guard isExchanging else { return }
        switch inputPhase {
        case .held, .closed:
            // A client whose request is not out when the response is complete has nobody left to send it to.
            guard outputPhase == .ended || role == .client else { return }
        case .startLine, .fields, .content, .trailers:
            // A server that has responded before the request was complete does not read the rest (RFC 9112 section 9.6).
            if role == .server, outputPhase == .ended { finish() }
            return
        case .tunnel: return
        }
        isExchanging = false
        guard exchange.keepsAlive, !isDraining, !peerHasClosed, case .held = inputPhase else { return finish() }
        exchange = HTTP1ExchangeState()
        outputPhase = .idle
        idleSince = now
        reader.release()
        if role == .server { inputPhase = .startLine(emptyLines: 0) }
    }
}
