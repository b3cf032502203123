import HTTPWire

/// One request on an HTTP/2 connection to an endpoint. Confined to its loop.
final class HTTP2UpstreamStream: UpstreamExchange, HTTP2StreamUser {
    private enum Tunnel {
        /// An ordinary request.
        case none
        /// Nothing can be sent before the endpoint has accepted.
        case asked
        case accepted
    }

    var user: (any UpstreamUser)?
    /// Whose use ended in the step that is under way: it still hears of the step's end.
    private var lastUser: (any UpstreamUser)?
    private let upstream: HTTP2Upstream
    private var stream: HTTP2SessionStream?
    private var tunnel = Tunnel.none

    init(_ upstream: HTTP2Upstream) {
        self.upstream = upstream
    }

    var connection: UpstreamConnection { upstream }
    var canSendContent: Bool { stream != nil && tunnel != .asked }
    var queuedBytes: Int { stream?.queuedBytes ?? 0 }

    func send(head: HTTPFieldBlock, endStream: Bool) throws(UpstreamWriteError) {
        if head.isConnect { tunnel = .asked }
        stream = upstream.session.open(head, endStream: endStream, user: self)
        if stream == nil { throw UpstreamWriteError("the endpoint takes no such request by HTTP/2") }
    }

    func send(_ bytes: UnsafeRawBufferPointer, endStream: Bool) throws(UpstreamWriteError) {
        stream?.send(bytes, endStream: endStream)
    }

    func send(trailers: HTTPFieldBlock) throws(UpstreamWriteError) { stream?.send(trailers: trailers) }

    func credit(_ count: Int) { stream?.credit(count) }

    func end(isComplete: Bool) {
        lastUser = user
        user = nil
        // An endpoint that has answered before the end of the request need not read the rest.
        stream?.reset(isComplete ? .noError : .cancel)
        stream = nil
        upstream.ended()
    }

    // MARK: from the endpoint

    func streamResponded(_ head: HTTPFieldBlock, endStream: Bool) {
        if tunnel == .asked, let status = head.status, (200..<300).contains(status) { tunnel = .accepted }
        user?.upstreamResponded(head, endStream: endStream)
    }

    func streamReceived(_ bytes: UnsafeRawBufferPointer, endStream: Bool) -> Bool {
        user?.upstreamReceived(bytes, endStream: endStream) ?? true
    }

    func streamReceived(trailers: HTTPFieldBlock) { user?.upstreamReceived(trailers: trailers) }

    func streamHasRoom() { user?.upstreamHasRoom() }

    func streamTurned() {
        let told = user ?? lastUser
        lastUser = nil
        told?.upstreamTurned()
    }

    func streamEnded(_ end: HTTP2StreamEnd) {
        stream = nil
        switch end {
        case .reset(.refusedStream): user?.upstreamBroke(.refused("the endpoint refused the stream"))
        case .reset(let code): user?.upstreamBroke(.reset("the endpoint reset the stream: \(code)"))
        case .malformed(let reason):
            user?.upstreamBroke(.protocolError("the endpoint sent what is no HTTP/2: \(reason)"))
        case .connectionLost(let reason): user?.upstreamBroke(.lost(reason))
        }
    }
}
