import HTTPWire
import MeshRuntime

/// The client's side of one request on a stream of its HTTP/2 connection. It lives as long as its request does. Confined to its loop.
final class HTTP2Request: ResponseSink, HTTP2StreamUser {
    private let session: HTTP2Session
    private let stream: HTTP2SessionStream
    private var request: RequestFlow?

    init(_ session: HTTP2Session, _ stream: HTTP2SessionStream) {
        self.session = session
        self.stream = stream
    }

    func begin(_ incoming: RequestIntake.Incoming) {
        request = incoming.request
        stream.user = self
        incoming.begin()
    }

    // MARK: to the client

    func send(head: HTTPFieldBlock, endStream: Bool) -> Bool {
        stream.send(head: head, endStream: endStream)
        return true
    }

    func send(content: UnsafeRawBufferPointer, endStream: Bool) -> Bool {
        stream.send(content, endStream: endStream)
        return true
    }

    func send(trailers: HTTPFieldBlock) { stream.send(trailers: trailers) }

    func abort() { stream.reset(.internalError) }

    var hasBacklog: Bool { stream.queuedBytes > 0 }
    var progress: ClientProgress { stream.progress }

    func credit(_ count: Int) { stream.credit(count) }

    func ended(_ request: RequestFlow) {
        self.request = nil
        if !stream.isRemoteEnded { stream.stopPeer() }
    }

    func turn() { session.flushSoon() }

    // MARK: from the client

    func streamResponded(_ head: HTTPFieldBlock, endStream: Bool) {}

    func streamReceived(_ bytes: UnsafeRawBufferPointer, endStream: Bool) -> Bool {
        guard let request else { return true }
        // The request credits them itself, when they have been passed on.
        request.received(bytes, endStream: endStream)
        return false
    }

    func streamReceived(trailers: HTTPFieldBlock) { request?.received(trailers: trailers) }

    func streamHasRoom() { request?.clientHasRoom() }

    func streamTurned() {}

    func streamEnded(_ end: HTTP2StreamEnd) {
        switch end {
        case .reset, .connectionLost: request?.clientLost(.downstreamClosed, status: 0)
        case .malformed: request?.clientLost(.downstreamProtocolError, status: 0)
        }
    }
}
