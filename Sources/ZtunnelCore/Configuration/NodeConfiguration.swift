package import MeshTelemetry
package import NodeCore

/// The settings of `ztunnel proxy`, read once from the environment (Z 7: Istio's names and defaults, and our AMBIT_*).
///
/// A plain value: reading it opens no file and asks no server.
package struct NodeConfiguration: Sendable {
    /// Whose traffic this process carries.
    package enum Mode: Equatable, Sendable {
        /// The workloads enrolled on this host, each in its network namespace.
        case shared
        /// One workload, in the network namespace of the process itself.
        case dedicated(WorkloadReference)
    }

    // MARK: who we are
    /// PROXY_MODE, PROXY_WORKLOAD_INFO
    package var mode = Mode.shared
    /// NODE_NAME
    package var nodeName: String?
    /// NETWORK
    package var network = ""
    /// CLUSTER_ID or ISTIO_META_CLUSTER_ID
    package var clusterID = "Kubernetes"
    /// CLUSTER_DOMAIN
    package var clusterDomain = "cluster.local"
    /// TRUST_DOMAIN
    package var trustDomain = "cluster.local"
    /// INSTANCE_IP
    package var instanceAddress = "1.1.1.1"
    /// POD_NAME
    package var podName = ""
    /// POD_NAMESPACE
    package var podNamespace = ""
    /// ISTIO_META_* without the prefix
    package var metadata: [(name: String, value: String)] = []

    // MARK: control plane
    /// XDS_ADDRESS; nil: there is none, the local state serves
    package var discovery: ControlPlaneServer?
    /// CA_ADDRESS; nil: certificates come from `certificateDirectory`
    package var authority: ControlPlaneServer?
    /// AMBIT_NODE_CERT, AMBIT_NODE_KEY: paths of the client certificate for both servers
    package var nodeCertificate: (certificate: String, key: String)?
    /// AUTH_TOKEN: a path or the token itself
    package var token: String?
    /// SECRET_TTL
    package var certificateLifetime: Duration = .seconds(86_400)
    /// LOCAL_XDS_PATH
    package var localStatePath: String?
    /// AMBIT_CERT_DIR
    package var certificateDirectory: String?
    /// AMBIT_STATE_DIR
    package var stateDirectory = "/var/lib/ambit"
    /// AMBIT_RUN_DIR
    package var runDirectory = "/run/ambit"
    /// INPOD_UDS: the node agent's ZDS socket; nil: there is no agent
    package var agentSocket: String?

    // MARK: data path
    /// Everything that the workers read.
    package var dataPlane = DataPlaneConfiguration()
    /// AMBIT_CAPTURE: in dedicated mode, load the capture rules in the own network namespace
    package var capturesOwnNamespace = false
    /// AMBIT_EXCLUDE_INTERFACES: left alone by the capture rules
    package var excludedInterfaces: [String] = []
    /// AMBIT_HOST_ADDRESSES: what workloads that share this host's addresses are reported with
    package var hostAddresses = HostAddressSetting.found
    /// AMBIT_ENROLL_DIR: the folder of enrolments that are kept in files
    package var enrolmentFolder = "/etc/ambit/enroll.d"
    /// AMBIT_PROBE_DIR: the folder where the administrator of the host allows commands of probes
    package var probeFolder = "/etc/ambit/probes.d"
    /// CONNECTION_TERMINATION_DEADLINE or TERMINATION_GRACE_PERIOD_SECONDS
    package var drainDeadline: Duration = .seconds(5)

    // MARK: upgrade
    /// AMBIT_UPGRADE_DRAIN_DEADLINE: how long a generation that has handed over may go on with what is established
    package var upgradeDrainDeadline: Duration = .seconds(3600)
    /// AMBIT_UPGRADE_TIMEOUT: how long the next generation may take until it serves
    package var upgradeTimeout: Duration = .seconds(30)
    /// AMBIT_UPGRADE_GENERATIONS: generations that may drain at once
    package var upgradeGenerations = 32

    // MARK: DNS
    /// ISTIO_META_DNS_CAPTURE
    package var dns = true
    /// AMBIT_DNS_UPSTREAM: `ip` or `ip:port`; empty: the resolvers of resolv.conf
    package var dnsUpstream: [String] = []
    /// PREFERED_SERVICE_NAMESPACE
    package var preferredServiceNamespace: String?

    // MARK: pages and logs
    /// AMBIT_ADMIN_PORT, on the loopback addresses
    package var adminPort: UInt16 = 15000
    /// AMBIT_METRICS_PORT
    package var metricsPort: UInt16 = 15020
    /// AMBIT_READINESS_PORT
    package var readinessPort: UInt16 = 15021
    /// RUST_LOG: a level, and levels of single targets (`info,access=debug`)
    package var logFilter = LogFilter()
    /// LOG_FORMAT: plain or json
    package var logsJSON = false
    /// ISTIO_META_ISTIO_VERSION, for the metric istio_build
    package var istioVersion = "unknown"

    /// Variables with our prefixes that mean nothing; the program logs them.
    package var warnings: [String] = []

    /// The defaults.
    package init() {}
}
