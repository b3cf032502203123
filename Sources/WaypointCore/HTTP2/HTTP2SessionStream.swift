import HTTPWire
import MeshRuntime

/// One stream of an `HTTP2Session`: content that waits for the peer's windows, in order. Bounded by whoever sends: who is told of a
/// backlog sends no more than its own source has been credited for. Confined to its loop.
final class HTTP2SessionStream {
    let id: HTTP2StreamID
    /// Held until the stream is forgotten, and the step in which it was is over.
    var user: (any HTTP2StreamUser)?
    private let session: HTTP2Session
    private var backlog: [UInt8] = []
    /// How much of the backlog has left.
    private var sent = 0
    /// Content that has left, in bytes.
    private var framed = 0
    private var end: End = .open
    private(set) var isGone = false
    /// The peer has said its last.
    var isRemoteEnded = false
    /// Something of the present batch was for it.
    var isTouched = false
    /// Nobody wants what the peer may still send: it is told so when this side has said its last (RFC 9113 section 8.1).
    private(set) var stopsPeer = false

    private enum End {
        case open
        /// After the backlog.
        case data
        case trailers(HTTPFieldBlock)
        case ended
    }

    /// `isEnded` where the head that opened it was all that this side has to say.
    init(_ session: HTTP2Session, _ id: HTTP2StreamID, isEnded: Bool = false) {
        self.session = session
        self.id = id
        if isEnded { end = .ended }
    }

    /// Bytes that wait.
    var queuedBytes: Int { backlog.count - sent + session.channel.queuedBytes }

    /// What the peer has taken: of the stream where its window is what it waits for, else of the connection.
    var progress: ClientProgress {
        sent < backlog.count ? .ofStream(framed) : .ofConnection(session.written &- session.channel.untakenBytes)
    }

    /// Whether this side has said its last.
    var hasEnded: Bool { if case .open = end { false } else { true } }

    /// Sends an interim or final head.
    func send(head: HTTPFieldBlock, endStream: Bool) {
        guard !isGone, !hasEnded else { return }
        if endStream { end = .ended }
        session.send(head, on: id, endStream: endStream)
        if endStream { session.mayHaveEnded(self) }
    }

    /// Sends content, or keeps what the windows do not allow yet.
    func send(_ bytes: UnsafeRawBufferPointer, endStream: Bool) {
        guard !isGone, !hasEnded else { return }
        if endStream { end = .data }
        guard backlog.isEmpty else { return backlog.append(contentsOf: bytes) }
        let count = session.send(bytes, on: id, endStream: endStream)
        framed &+= count
        if count < bytes.count {
            backlog.append(contentsOf: bytes[count...])
        } else if endStream {
            end = .ended
            session.mayHaveEnded(self)
        }
    }

    /// Ends this side with trailers.
    func send(trailers: HTTPFieldBlock) {
        guard !isGone, !hasEnded else { return }
        end = .trailers(trailers)
        flushEnd()
    }

    /// Ends both sides at once.
    func reset(_ code: HTTP2ErrorCode) {
        if !isGone { session.reset(self, code) }
    }

    /// Wants nothing more of the peer.
    func stopPeer() {
        stopsPeer = true
        session.mayHaveEnded(self)
    }

    /// `count` bytes that the user held back have been passed on, perhaps after the stream's end.
    func credit(_ count: Int) {
        if count > 0 { session.credit(id, count) }
    }

    /// The peer's windows have opened.
    func becameWritable() {
        guard !isGone else { return }
        if sent < backlog.count {
            let isLast = if case .data = end { true } else { false }
            let count = backlog.withUnsafeBytes {
                session.send(UnsafeRawBufferPointer(rebasing: $0[sent...]), on: id, endStream: isLast)
            }
            sent += count
            framed &+= count
            guard sent == backlog.count else { return }
            backlog = []
            sent = 0
            if isLast { end = .ended }
            flushEnd()
        }
        if session.channel.queuedBytes == 0 { user?.streamHasRoom() }
        session.mayHaveEnded(self)
    }

    private func flushEnd() {
        guard backlog.isEmpty, case .trailers(let fields) = end else { return }
        end = .ended
        session.send(fields, on: id, endStream: true)
        session.mayHaveEnded(self)
    }

    /// Whether the last of this side has left the stream.
    var isFlushed: Bool { if case .ended = end { true } else { false } }

    /// The session has forgotten it.
    func forgotten() {
        isGone = true
        backlog = []
        if !isTouched { user = nil }
    }

    /// The step that brought something for it is over: its user is told, though it be the last time.
    func turned() {
        isTouched = false
        let user = user
        if isGone { self.user = nil }
        user?.streamTurned()
    }

    /// It came to an early end.
    func lost(_ end: HTTP2StreamEnd) {
        let last = user
        forgotten()
        last?.streamEnded(end)
    }
}
