/// What one request leaves for its line in the log, as numbers: texts are made once, at its end. Plain values.
struct RequestRecord {
    /// Microseconds since 1970.
    let start: UInt64
    /// Of the response that the client got; 0 for none.
    var status = 0
    var flags: ResponseFlags = []
    /// Envoy's response code details.
    var details = "via_upstream"
    /// Why the last try came to nothing.
    var failure = ""
    /// As the endpoint, or an answer of our own, said.
    var grpcStatus: Int?
    /// Between the end of the request and the head of the endpoint's response; nil without one, or where it came before that end.
    var serviceMilliseconds: UInt64?
    /// Content of the response, in bytes.
    var bytesSent: UInt64 = 0

    init(start: UInt64) {
        self.start = start
    }
}
