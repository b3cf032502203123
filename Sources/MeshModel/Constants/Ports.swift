/// The ports of the mesh; they are Istio's.
package enum Ports {
    /// Captured outbound connections of a workload.
    package static let outbound: UInt16 = 15001
    /// Captured plaintext connections to a workload.
    package static let inboundPlaintext: UInt16 = 15006
    /// HBONE: HTTP/2 CONNECT over mutual TLS.
    package static let hbone: UInt16 = 15008
    /// The DNS proxy of a workload.
    package static let dns: UInt16 = 15053
    /// The node's admin pages, on the loopback address.
    package static let admin: UInt16 = 15000
    /// The node's metrics.
    package static let metrics: UInt16 = 15020
    /// The node's readiness.
    package static let readiness: UInt16 = 15021
    /// The control plane's gRPC: discovery and certificates.
    package static let controlPlane: UInt16 = 15012
    /// Where the control plane takes new nodes, which have no certificate yet.
    package static let join: UInt16 = 15013
    /// The control plane's metrics.
    package static let controlPlaneMetrics: UInt16 = 15014
    /// The control plane's resource API.
    package static let resourceAPI: UInt16 = 6443

    /// Whether a connection to `port` of a captured workload would come back to the ztunnel itself (Z 1).
    package static func isCaptured(_ port: UInt16) -> Bool {
        port == outbound || port == inboundPlaintext || port == hbone
    }
}
