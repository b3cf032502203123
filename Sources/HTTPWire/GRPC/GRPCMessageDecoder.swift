/// Cuts the DATA of one stream into gRPC messages. Memory follows what has arrived, not what a prefix announces.
package struct GRPCMessageDecoder: Sendable {
    /// Istio's bound for its own streams.
    package static let defaultMaximumMessageSize = 200 * 1024 * 1024

    private let maximumMessageSize: Int
    private var prefix: [UInt8] = []
    private var message: [UInt8] = []
    private var missing: Int?

    /// Messages above `maximumMessageSize` are refused.
    package init(maximumMessageSize: Int = GRPCMessageDecoder.defaultMaximumMessageSize) {
        self.maximumMessageSize = maximumMessageSize
    }

    /// True if no message is half read: where a stream may end.
    package var isAtBoundary: Bool { prefix.isEmpty && missing == nil }

    /// Takes all of `input` and appends the messages that are complete.
    package mutating func receive(
        _ input: UnsafeRawBufferPointer, messages: inout [[UInt8]]
    ) throws(GRPCFrameProblem) {
        // Sound: the span does not outlive the call.
        try receive(unsafe Span<UInt8>(_unsafeBytes: input), messages: &messages)
    }

    /// Takes all of `input` and appends the messages that are complete.
    package mutating func receive(_ input: Span<UInt8>, messages: inout [[UInt8]]) throws(GRPCFrameProblem) {
        var offset = 0
        while offset < input.count {
            guard let missing else {
                prefix.append(input[offset])
                offset += 1
                if prefix.count == GRPCMessage.prefixLength { try beginMessage(&messages) }
                continue
            }
            let count = min(missing, input.count - offset)
            message.append(span: input.extracting(offset..<(offset + count)))
            offset += count
            if count == missing { finishMessage(&messages) } else { self.missing = missing - count }
        }
    }

    private mutating func beginMessage(_ messages: inout [[UInt8]]) throws(GRPCFrameProblem) {
        guard prefix[0] <= 1 else { throw .flag(prefix[0]) }
        guard prefix[0] == 0 else { throw .compressed }
        let length = Int(prefix.loadBigEndian32(at: 1))
        guard length <= maximumMessageSize else { throw .tooLarge(length: length, limit: maximumMessageSize) }
        prefix.removeAll(keepingCapacity: true)
        missing = length
        message.reserveCapacity(min(length, 64 * 1024))
        if length == 0 { finishMessage(&messages) }
    }

    private mutating func finishMessage(_ messages: inout [[UInt8]]) {
        messages.append(message)
        message = []
        missing = nil
    }
}
