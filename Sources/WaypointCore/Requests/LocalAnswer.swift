import MeshPolicy

/// A response that no endpoint made. Plain values.
struct LocalAnswer {
    let status: Int
    let body: [UInt8]
    let flags: ResponseFlags
    /// Envoy's response code details.
    let details: String
    /// Set in the response besides.
    let fields: [(name: [UInt8], value: [UInt8])]
    /// To a gRPC request the answer is this status, and its text the message.
    let grpcStatus: Int
    /// The route itself answers: its changes of responses hold for it.
    let isOfRoute: Bool

    init(
        status: Int, body: [UInt8] = [], flags: ResponseFlags = [], details: String,
        fields: [(name: [UInt8], value: [UInt8])] = [], grpcStatus: Int? = nil, isOfRoute: Bool = false
    ) {
        self.status = status
        self.body = body
        self.flags = flags
        self.details = details
        self.fields = fields
        self.grpcStatus = grpcStatus ?? GRPCStatusNames.code(http: status)
        self.isOfRoute = isOfRoute
    }

    init(status: Int, body: String, flags: ResponseFlags, details: String, grpcStatus: Int? = nil) {
        self.init(status: status, body: Array(body.utf8), flags: flags, details: details, grpcStatus: grpcStatus)
    }

    /// The answer to a request that no try of an endpoint could serve.
    init(_ failure: RequestTry.Failure) {
        switch failure.outcome {
        case .overflow:
            self.init(
                status: 503, body: Array(CircuitBreaker.overflowBody.utf8), flags: failure.flag,
                details: failure.details(.before),
                fields: [(Array("x-envoy-overloaded".utf8), Array("true".utf8))])
        case .timeout:
            self.init(
                status: 504, body: RequestTimeout.body, flags: failure.flag, details: "upstream_per_try_timeout")
        case .connectFailure:
            self.init(
                status: 503,
                body: Self.reset + "\(failure.reset), transport failure reason: \(failure.reason)",
                flags: failure.flag, details: failure.details(.before))
        case .refused, .reset, .response:
            self.init(
                status: failure.flag == .upstreamProtocolError ? 502 : 503, body: Self.reset + failure.reset,
                flags: failure.flag, details: failure.details(.before))
        }
    }

    private static let reset = "upstream connect error or disconnect/reset before headers. reset reason: "

    static let timeout = LocalAnswer(
        status: 504, body: RequestTimeout.body, flags: .upstreamTimeout, details: "response_timeout")

    /// To a gRPC client that set a deadline itself: the status that its own clock would have given.
    static let deadline = LocalAnswer(
        status: 504, body: RequestTimeout.body, flags: .upstreamTimeout, details: "response_timeout",
        grpcStatus: 4)

    static let noEndpoint = LocalAnswer(
        status: 503, body: EndpointChoice.noneBody, flags: .noHealthyUpstream, details: "no_healthy_upstream")
}
