import HTTPWire

/// What one gRPC call has received: response headers, messages, status (gRPC over HTTP/2). Pure; owned by its stream.
struct GRPCCall {
    /// What follows from a piece of the response.
    enum Outcome {
        /// Nothing, or these messages.
        case messages([[UInt8]])
        /// The call is over, after these messages.
        case ended([[UInt8]], GRPCStatus)
    }

    private var decoder: GRPCMessageDecoder
    private var hasHeaders = false
    private(set) var isOver = false

    init(maximumMessageSize: Int) {
        decoder = GRPCMessageDecoder(maximumMessageSize: maximumMessageSize)
    }

    /// The response headers; a response that has only those carries the status in them.
    mutating func receive(headers: HTTPFieldBlock, endStream: Bool) -> Outcome {
        guard !isOver else { return .messages([]) }
        if let status = headers.status, (100..<200).contains(status) { return .messages([]) }
        hasHeaders = true
        guard headers.isGRPCResponse, !endStream else { return end(GRPCStatus(headers)) }
        return .messages([])
    }

    /// A piece of the response's content.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        guard !isOver else { return .messages([]) }
        guard hasHeaders else {
            return end(GRPCStatus(code: .internalError, message: "data before the response headers"))
        }
        var messages: [[UInt8]] = []
        do throws(GRPCFrameProblem) {
            // Sound: the decoder copies what it keeps.
            try unsafe decoder.receive(bytes, messages: &messages)
        } catch {
            isOver = true
            return .ended(messages, error.status)
        }
        return .messages(messages)
    }

    /// The trailers.
    mutating func receive(trailers: HTTPFieldBlock) -> Outcome {
        guard !isOver else { return .messages([]) }
        let status = GRPCStatus(trailers, httpStatus: 200)
        guard status.code == .ok, !decoder.isAtBoundary else { return end(status) }
        return end(GRPCStatus(code: .internalError, message: "the answer ended inside a message"))
    }

    /// The stream ended without trailers.
    mutating func lost(_ status: GRPCStatus) -> Outcome {
        isOver ? .messages([]) : end(status)
    }

    private mutating func end(_ status: GRPCStatus) -> Outcome {
        isOver = true
        return .ended([], status)
    }
}
