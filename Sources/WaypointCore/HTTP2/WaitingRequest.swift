import HTTPWire

/// A request that waits for its client to take earlier responses, and what has come for it meanwhile. Its windows bound its content.
/// Confined to its loop; the user of its stream until it begins.
final class WaitingRequest: HTTP2StreamUser {
    private let stream: HTTP2SessionStream
    private let head: HTTPFieldBlock
    private var content: [UInt8] = []
    private var trailers: HTTPFieldBlock?

    init(_ stream: HTTP2SessionStream, _ head: HTTPFieldBlock) {
        self.stream = stream
        self.head = head
        stream.user = self
    }

    /// Whether the client has taken it back, and with it the window that its content had.
    var isGone: Bool { stream.isGone }

    /// Hands the request, and all of it that has come, to `begin` and to the user that it gives the stream.
    func begin(_ begin: (HTTP2SessionStream, HTTPFieldBlock, _ endStream: Bool) -> Void) {
        guard !isGone else { return }
        begin(stream, head, stream.isRemoteEnded && content.isEmpty && trailers == nil)
        if !content.isEmpty {
            let endStream = stream.isRemoteEnded && trailers == nil
            let user = stream.user
            if content.withUnsafeBytes({ user?.streamReceived($0, endStream: endStream) ?? true }) {
                stream.credit(content.count)
            }
        }
        if let trailers { stream.user?.streamReceived(trailers: trailers) }
        stream.user?.streamTurned()
    }

    func streamReceived(_ bytes: UnsafeRawBufferPointer, endStream: Bool) -> Bool {
        content.append(contentsOf: bytes)
        return false
    }

    func streamReceived(trailers: HTTPFieldBlock) { self.trailers = trailers }

    func streamResponded(_ head: HTTPFieldBlock, endStream: Bool) {}
    func streamHasRoom() {}
    func streamTurned() {}
    func streamEnded(_ end: HTTP2StreamEnd) {}
}
