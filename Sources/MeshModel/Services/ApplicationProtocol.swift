/// What is spoken on a port. Layer 4 carries it all alike; waypoints choose their codec by it.
package enum ApplicationProtocol: String, Hashable, Sendable {
    /// Not declared.
    case unknown = "UNKNOWN"
    /// HTTP/1.1.
    case http11 = "HTTP11"
    /// HTTP/2.
    case http2 = "HTTP2"
    /// gRPC.
    case grpc = "GRPC"
}
