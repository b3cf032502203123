/// How a request, or a connection that is no HTTP, ended: what tells the rows of its metrics apart.
struct RequestOutcome: Hashable {
    /// Of the response that the client got; 0 for a connection, and where there was none.
    var status = 0
    /// Whether the request was one of gRPC.
    var isGRPC = false
    /// The gRPC status; nil where there is none.
    var grpcStatus: Int?
    var flags: ResponseFlags = []
}
