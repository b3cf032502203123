import HTTPWire

/// One call of a `GRPCClient`: messages out, messages in, one status at the end. Confined to the client's loop.
package final class GRPCStream {
    /// Bytes that may wait for the connection or for the server's window; more ends the call.
    package static let queueLimit = 32 << 20

    let path: String
    let headers: [(name: String, value: String)]
    let timeout: Duration?
    let onMessage: ([UInt8]) -> Void
    let onEnd: (GRPCStatus) -> Void
    var call: GRPCCall
    var stream: TunnelStream?
    var queue: [UInt8] = []
    var endsAfterQueue = false
    var isOver = false

    init(
        path: String, headers: [(name: String, value: String)], timeout: Duration?, maximumMessageSize: Int,
        onMessage: @escaping ([UInt8]) -> Void, onEnd: @escaping (GRPCStatus) -> Void
    ) {
        self.path = path
        self.headers = headers
        self.timeout = timeout
        self.onMessage = onMessage
        self.onEnd = onEnd
        call = GRPCCall(maximumMessageSize: maximumMessageSize)
    }

    /// Sends a message, or queues it until the connection stands.
    package func send(_ message: [UInt8], isLast: Bool = false) {
        guard !isOver, !endsAfterQueue else { return }
        guard let frame = GRPCMessage.frame(message) else {
            return finish(GRPCStatus(code: .resourceExhausted, message: "a message of \(message.count) bytes"))
        }
        endsAfterQueue = isLast
        if let stream {
            guard !stream.send(frame, endStream: isLast) else { return }
            finish(GRPCStatus(code: .unavailable, message: "the server does not read what is sent to it"))
        } else if queue.count + frame.count <= Self.queueLimit {
            queue += frame
        } else {
            finish(GRPCStatus(code: .resourceExhausted, message: "more than \(Self.queueLimit) bytes wait to be sent"))
        }
    }

    /// Gives the call up; `onEnd` is not called any more.
    package func cancel() {
        guard !isOver else { return }
        isOver = true
        stream?.reset(.cancel)
        stream = nil
    }
}
