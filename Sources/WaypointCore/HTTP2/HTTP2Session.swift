import HTTPWire
import MeshRuntime
import NodeCore

/// One HTTP/2 connection over a channel, either end: its streams, whose content waits for windows, and one write for all that one
/// step has brought. Confined to its loop; owned by whoever speaks on it.
final class HTTP2Session {
    /// What waits to be written in one piece, in bytes; more goes out at once.
    private static let gathered = 64 * 1024

    /// What a client may leave unread of its responses before its next requests wait, in bytes.
    static let unreadLimit = 1 << 20

    let channel: ByteChannel
    /// Server: a new request's stream. Its user is set in the call.
    var onRequest: ((HTTP2SessionStream, HTTPFieldBlock, _ endStream: Bool) -> Void)?
    /// Client: the peer has said what it allows; called with each change.
    var onSettings: (() -> Void)?
    /// A stream has ended on both sides, or the peer takes no new ones.
    var onChange: (() -> Void)?
    /// The connection is over, after its streams were told. Called once.
    var onClosed: ((_ reason: String) -> Void)?
    private unowned let worker: WaypointWorker
    private var http: HTTP2Connection
    private var streams: [UInt32: HTTP2SessionStream] = [:]
    private var touched: [HTTP2SessionStream] = []
    /// Server: requests that wait, in order. As many as streams may be open, at most.
    private var waiting: [WaitingRequest] = []
    private var out: [UInt8] = []
    /// Bytes that the channel has got.
    private(set) var written = 0
    private var timer: (id: TimerID, at: MonotonicTime)?
    private var isReceiving = false
    private var isClosed = false

    init(_ channel: ByteChannel, worker: WaypointWorker, role: HTTP2Role, configuration: HTTP2Configuration) {
        self.channel = channel
        self.worker = worker
        http = HTTP2Connection(
            role: role, configuration: configuration, now: worker.loop.now, memory: worker.loop.memory)
    }

    /// Takes over the channel's events, with what has come of it already. The channel may have been started.
    func begin(with first: [UInt8] = []) {
        channel.sendsByTurn = true
        // Until the channel is closed, which `onClosed` sees to.
        channel.onBytes = { [self] bytes in receive(bytes) }
        channel.onRoom = { [self] in channelHasRoom() }
        channel.onEnd = { [self] in end("the peer closed the connection") }
        channel.onLost = { [self] reason in end(reason) }
        if !first.isEmpty { first.withUnsafeBytes { receive($0) } }
        flush()
    }

    /// Streams that have not ended.
    var streamCount: Int { streams.count }

    /// Client: whether one more stream can be opened.
    var canOpen: Bool { !isClosed && channel.isOpen && http.canOpenStream }

    /// Whether no new streams come.
    var isGoingAway: Bool { isClosed || http.isGoingAway }

    /// Streams that the peer allows at once.
    var streamLimit: Int { Int(clamping: http.peerMaxConcurrentStreams) }

    /// Client: opens a stream; nil where the peer takes none of that kind.
    func open(_ head: HTTPFieldBlock, endStream: Bool, user: any HTTP2StreamUser) -> HTTP2SessionStream? {
        guard canOpen, let id = http.openStream(head, endStream: endStream) else { return nil }
        let stream = HTTP2SessionStream(self, id, isEnded: endStream)
        stream.user = user
        streams[id.rawValue] = stream
        flushSoon()
        return stream
    }

    // MARK: from streams

    /// A head that ends nothing leaves with what follows it in the same step: content, or the step's end.
    func send(_ fields: HTTPFieldBlock, on id: HTTP2StreamID, endStream: Bool) {
        http.sendHeaders(id, fields, endStream: endStream)
        if endStream { flushSoon() }
    }

    /// Sends as much as the windows allow; returns how much. The end goes with the last byte.
    func send(_ bytes: UnsafeRawBufferPointer, on id: HTTP2StreamID, endStream: Bool) -> Int {
        var sent = 0
        while sent < bytes.count {
            let granted = http.reserveData(id, upTo: min(bytes.count - sent, http.peerMaxFrameSize))
            guard granted > 0 else { break }
            let isLast = endStream && sent + granted == bytes.count
            frame(UnsafeRawBufferPointer(rebasing: bytes[sent..<sent + granted]), id, endStream: isLast)
            sent += granted
        }
        if bytes.isEmpty, endStream { frame(bytes, id, endStream: true) }
        flushSoon()
        return sent
    }

    private func frame(_ payload: UnsafeRawBufferPointer, _ id: HTTP2StreamID, endStream: Bool) {
        gatherControl()
        withUnsafeTemporaryAllocation(byteCount: HTTP2Connection.dataFrameHeaderLength, alignment: 1) { header in
            guard let base = header.baseAddress else { return }
            HTTP2Connection.writeDataFrameHeader(
                length: payload.count, endStream: endStream, stream: id, into: base)
            out.append(contentsOf: header)
        }
        out.append(contentsOf: payload)
        http.didSendData(id, byteCount: payload.count, endStream: endStream)
        if out.count >= Self.gathered { write() }
    }

    func credit(_ id: HTTP2StreamID, _ count: Int) {
        http.credit(id, byteCount: count)
        flushSoon()
    }

    func reset(_ stream: HTTP2SessionStream, _ code: HTTP2ErrorCode) {
        http.reset(stream.id, code)
        forget(stream)
        flushSoon()
    }

    /// Forgets a stream of which nothing is left to say, or to hear.
    func mayHaveEnded(_ stream: HTTP2SessionStream) {
        guard stream.isFlushed else { return }
        if stream.isRemoteEnded { return forget(stream) }
        if stream.stopsPeer { reset(stream, .noError) }
    }

    private func forget(_ stream: HTTP2SessionStream) {
        guard streams.removeValue(forKey: stream.id.rawValue) != nil else { return }
        stream.forgotten()
        onChange?()
    }

    // MARK: from the peer

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        var events = worker.http2Events.take()
        defer { worker.http2Events.give(&events) }
        isReceiving = true
        http.receive(bytes, now: worker.loop.now, events: &events)
        // Windows bound what the streams' users hold back, so the channel's own need not.
        channel.credit(bytes.count)
        for event in events where !isClosed { react(to: event, bytes) }
        turnTouched()
        isReceiving = false
        flush()
        // The last word of a drain is said when the peer has answered a PING, which is no change of a stream.
        if !isClosed, http.isDrained { onChange?() }
    }

    private func turnTouched() {
        let turned = touched
        touched.removeAll(keepingCapacity: true)
        for stream in turned { stream.turned() }
    }

    private func touch(_ stream: HTTP2SessionStream) {
        guard !stream.isTouched else { return }
        stream.isTouched = true
        touched.append(stream)
    }

    private func react(to event: HTTP2Event, _ bytes: UnsafeRawBufferPointer) {
        switch event {
        case .headers(let id, let fields, let endStream): received(id, fields, endStream)
        case .data(let id, let range, let endStream):
            guard let stream = streams[id.rawValue] else { return http.credit(id, byteCount: range.count) }
            touch(stream)
            if endStream { stream.isRemoteEnded = true }
            let hasLeft =
                stream.user?.streamReceived(UnsafeRawBufferPointer(rebasing: bytes[range]), endStream: endStream)
                ?? true
            if hasLeft { http.credit(id, byteCount: range.count) }
            if endStream { mayHaveEnded(stream) }
        case .trailers(let id, let fields):
            guard let stream = streams[id.rawValue] else { return }
            touch(stream)
            stream.isRemoteEnded = true
            stream.user?.streamReceived(trailers: fields)
            mayHaveEnded(stream)
        case .reset(let id, let code, let byPeer):
            guard let stream = streams.removeValue(forKey: id.rawValue) else { return }
            touch(stream)
            let malformed = code == .protocolError ? http.lastMalformedMessage : nil
            stream.lost(byPeer ? .reset(code) : .malformed(malformed.map { "\($0)" } ?? "\(code)"))
            waiting.removeAll(where: \.isGone)
            onChange?()
        case .writable(let id): streams[id.rawValue]?.becameWritable()
        case .settings: onSettings?()
        case .goAway: onChange?()
        case .failed(let code, let text):
            write()
            end("\(text) (\(code))")
        case .pong: break
        }
    }

    private func received(_ id: HTTP2StreamID, _ fields: HTTPFieldBlock, _ endStream: Bool) {
        if let stream = streams[id.rawValue] {
            touch(stream)
            if endStream { stream.isRemoteEnded = true }
            stream.user?.streamResponded(fields, endStream: endStream)
            if endStream { mayHaveEnded(stream) }
            return
        }
        guard let onRequest else { return http.reset(id, .refusedStream) }
        let stream = HTTP2SessionStream(self, id)
        stream.isRemoteEnded = endStream
        streams[id.rawValue] = stream
        touch(stream)
        // Heads need no window: a client that asks and never reads would be answered until the memory is gone. Input goes on, since what
        // lets a response go may be among it.
        guard waiting.isEmpty, channel.queuedBytes <= Self.unreadLimit else {
            return waiting.append(WaitingRequest(stream, fields))
        }
        onRequest(stream, fields, endStream)
    }

    private func channelHasRoom() {
        for stream in streams.values where stream.queuedBytes == 0 { stream.user?.streamHasRoom() }
        flush()
        beginWaiting()
    }

    private func beginWaiting() {
        var begun = 0
        while begun < waiting.count, !isClosed, channel.queuedBytes <= Self.unreadLimit, let onRequest {
            waiting[begun].begin(onRequest)
            begun += 1
        }
        waiting.removeFirst(min(begun, waiting.count))
    }

    // MARK: writing

    /// Writes what has been gathered, unless the step that is under way does so at its end.
    func flushSoon() {
        if !isReceiving { flush() }
    }

    private func flush() {
        guard !isClosed else { return }
        write()
        watch()
    }

    private func gatherControl() {
        http.drainOutput { out.append(contentsOf: $0) }
    }

    private func write() {
        gatherControl()
        guard !out.isEmpty else { return }
        var bytes = out
        out = []
        written &+= bytes.count
        bytes.withUnsafeBytes { channel.send($0) }
        bytes.removeAll(keepingCapacity: true)
        if out.isEmpty, bytes.capacity <= 2 * Self.gathered { out = bytes }
    }

    private func watch() {
        guard let deadline = http.nextDeadline else { return }
        if let timer {
            guard deadline < timer.at else { return }
            worker.loop.cancel(timer.id)
        }
        let id = worker.loop.schedule(at: deadline) { [self] in deadlineReached() }
        timer = (id, deadline)
    }

    private func deadlineReached() {
        timer = nil
        // Its owner may have closed the channel: then nobody waits for anything.
        guard channel.isOpen else { return end("the connection was closed") }
        var events: [HTTP2Event] = []
        http.deadlineReached(now: worker.loop.now, events: &events)
        for event in events where !isClosed { react(to: event, UnsafeRawBufferPointer(start: nil, count: 0)) }
        flush()
    }

    // MARK: the end

    /// Takes no new streams, and ends with the last one that is open.
    func drain() {
        http.goAway(.noError, graceful: true)
        flushSoon()
    }

    /// Whether the last word is said and no stream is left.
    var isDrained: Bool { isClosed || http.isDrained }

    /// Ends it with what is on it.
    func close(_ reason: String) {
        guard !isClosed else { return }
        http.goAway(.noError, graceful: false)
        write()
        end(reason)
    }

    private func end(_ reason: String) {
        guard !isClosed else { return }
        isClosed = true
        if let timer { worker.loop.cancel(timer.id) }
        timer = nil
        let left = streams.values
        streams = [:]
        waiting = []
        http.leaveMemory()
        for stream in left {
            let user = stream.user
            stream.lost(.connectionLost(reason))
            user?.streamTurned()
        }
        let body = onClosed
        onClosed = nil
        onRequest = nil
        onSettings = nil
        onChange = nil
        body?(reason)
    }
}
