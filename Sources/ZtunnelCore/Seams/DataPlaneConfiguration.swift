package import HTTPWire
import MeshModel
package import NodeCore

/// Settings of the data path: a plain value, read once.
package struct DataPlaneConfiguration: Sendable {
    /// Event loops that carry traffic; each one costs a thread.
    package var workers = 1
    /// NODE_NAME: where a workload of the snapshot must be to be one of this node's; nil accepts any node.
    package var node: String?
    /// NETWORK: the network that this node's addresses belong to.
    package var network = ""
    /// CLUSTER_ID: the name carried in baggage when the workload's record has none.
    package var clusterID = Defaults.clusterID
    /// CLUSTER_DOMAIN: the suffix of Kubernetes-like host names.
    package var clusterDomain = "cluster.local"
    /// PACKET_MARK: set on every socket of the data path, so that the capture rules leave it alone; nil sets none.
    package var packetMark: UInt32? = PacketMarks.proxy
    /// ENABLE_ORIG_SRC.
    package var sourceAddress = SourceAddressMode.preserveIfPossible
    /// IPV6_ENABLED: false binds 0.0.0.0 only.
    package var ipv6 = true
    /// ENABLE_RESPONSE_BAGGAGE.
    package var responseBaggage = true
    /// LOCALHOST_APP_TUNNEL: PROXY preambles go to the loopback address.
    package var localhostApplicationTunnel = true
    /// HTTP/2 of both sides of tunnels (HTTP2_STREAM_WINDOW_SIZE and its kin).
    package var http2 = HTTP2Configuration()
    /// AUTHZ_POLICY_INFO_LOGGING: what policies in dry run would have done is logged at info level, not at debug.
    package var policyInfoLogging = false
    /// Bounds, each per worker.
    package var limits = DataPlaneLimits()
    /// Durations.
    package var timeouts = DataPlaneTimeouts()

    /// The defaults.
    package init() {}
}
