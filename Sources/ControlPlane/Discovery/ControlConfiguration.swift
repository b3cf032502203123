package import MeshPolicy

/// What the gRPC side of ambitd is configured with; a plain value, read once.
package struct ControlConfiguration: Sendable {
    /// Where it listens. Default 0.0.0.0.
    package var host = "0.0.0.0"
    /// The port, 0 for any. Default 15012.
    package var port = 15_012
    /// Host names and addresses that nodes connect to: the names in the server's certificate.
    package var names: [String] = ["localhost", "127.0.0.1", "::1"]
    /// The version that the status shows.
    package var version = ""
    /// What compilation reads besides resources.
    package var mesh = MeshConfig()
    /// Bounds and times.
    package var limits = DiscoveryLimits()
    /// Bounds of the listening port.
    package var connections = ConnectionLimits.nodes
    /// Bounds of what is kept of nodes.
    package var nodeLimits = NodeLimits()

    /// The defaults.
    package init() {}
}
