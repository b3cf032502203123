import HTTPWire

/// The messages of one gRPC call in both directions, and how many of them the metrics have. A value.
struct MessageCounts {
    /// From the client.
    var requests = GRPCMessageCounter()
    /// To the client.
    var responses = GRPCMessageCounter()
    /// Whether the response is one of gRPC: a page that says what is wrong has no messages.
    var hasResponses = false
    private var reported: (requests: UInt64, responses: UInt64) = (0, 0)

    /// How long the messages of an open stream wait for the metrics, as in Istio.
    static let interval: Duration = .seconds(5)

    /// Whether it is a stream: a call of one message each way is counted when it ends, which is soon.
    var isStream: Bool { requests.count > 1 || responses.count > 1 }

    /// Whether the metrics lack any.
    var hasNews: Bool { requests.count > reported.requests || responses.count > reported.responses }

    /// Those that the metrics do not have yet; they do afterwards.
    mutating func takeNews() -> (requests: UInt64, responses: UInt64) {
        let news = (requests.count - reported.requests, responses.count - reported.responses)
        reported = (requests.count, responses.count)
        return news
    }
}
