package import MeshRuntime

/// What a connection of the table is doing, and so what must be told when it is cut.
///
/// `outbound`, `inbound` and `passthrough` go over to `relaying` when both ends stand; every case goes over to `none` at
/// the end.
package enum ConnectionActivity {
    /// Not begun, or over.
    case none
    /// Looking for a way out for a captured connection.
    case outbound(OutboundAttempt)
    /// Answering a CONNECT.
    case inbound(InboundRequest)
    /// Connecting to the application for a plaintext client.
    case passthrough(PassthroughAttempt)
    /// Copying.
    case relaying(Relay)
}
