package import HTTPWire
package import MeshModel
package import MeshTelemetry
package import NodeCore

/// The settings of `waypoint proxy`, read once from the environment: Istio's names where it has one, AMBIT_* else.
package struct WaypointConfiguration: Sendable {
    /// Where a tunnel listener is put if nobody says where.
    package enum ListeningPort: Equatable, Sendable {
        /// This one.
        case fixed(UInt16)
        /// The first free one of `automatic`: several waypoints, and a ztunnel, share a host.
        case automatic

        /// What `automatic` chooses from.
        package static let automaticRange: ClosedRange<UInt16> = 15_108...15_207
    }

    /// How far above the port of tunnels the page of metrics is: each waypoint of a host has one of its own.
    package static let metricsDistance: UInt16 = 200

    /// Which of the next two is set
    package var role = ProxyRole.waypoint
    /// AMBIT_WAYPOINT or AMBIT_GATEWAY, `namespace/name` or `name.namespace`: the Service that this process is the waypoint or gateway of
    package var namespace = ""
    /// The same
    package var name = ""
    /// SERVICE_ACCOUNT, whose certificate it presents; the waypoint's name unless it is set
    package var serviceAccount = ""
    /// NODE_NAME
    package var nodeName: String?
    /// NETWORK
    package var network = ""
    /// CLUSTER_ID
    package var clusterID = Defaults.clusterID
    /// CLUSTER_DOMAIN
    package var clusterDomain = "cluster.local"
    /// TRUST_DOMAIN
    package var trustDomain = "cluster.local"
    /// XDS_ADDRESS
    package var discovery: ControlPlaneServer?
    /// CA_ADDRESS
    package var authority: ControlPlaneServer?
    /// AMBIT_NODE_CERT and AMBIT_NODE_KEY
    package var nodeCertificate: (certificate: String, key: String)?
    /// SECRET_TTL
    package var certificateLifetime: Duration = .seconds(86_400)
    /// STATE_DIRECTORY, which systemd sets, else AMBIT_STATE_DIR
    package var stateDirectory = "/var/lib/ambit-waypoint"
    /// Where the next generation asks for the listening sockets: in RUNTIME_DIRECTORY, which systemd sets, else in AMBIT_RUN_DIR
    package var upgradeSocket = "/run/ambit-waypoint/upgrade.sock"
    /// AMBIT_UPGRADE_TIMEOUT
    package var upgradeTimeout: Duration = .seconds(30)
    /// AMBIT_UPGRADE_DRAIN_DEADLINE
    package var upgradeDrainDeadline: Duration = .seconds(3_600)
    /// AMBIT_UPGRADE_GENERATIONS
    package var upgradeGenerations = 32
    /// AMBIT_HBONE_PORT: a port, or `auto`
    package var port: ListeningPort = .fixed(Ports.hbone)
    /// AMBIT_READINESS_PORT; nil for 0: there is no page
    package var readinessPort: UInt16? = Ports.readiness
    /// AMBIT_METRICS_PORT; nil for `auto`: `metricsDistance` above the port of tunnels; 0: there is no page
    package var metricsPort: UInt16?
    /// AMBIT_HOST_ADDRESSES; empty: the one by which this host reaches its control plane
    package var hostAddresses: [IPAddress] = []
    /// AMBIT_WORKER_THREADS
    package var workers = 1
    /// IPV6_ENABLED
    package var ipv6 = true
    /// RUST_LOG
    package var logFilter = LogFilter()
    /// LOG_FORMAT
    package var logsJSON = false
    /// AMBIT_REQUEST_IDLE_TIMEOUT: how long the content of a request may stand still while there is no response, and a response while its
    /// client takes nothing of it
    package var requestIdleTimeout: Duration = .seconds(300)
    /// CONNECTION_TERMINATION_DEADLINE
    package var drainDeadline: Duration = .seconds(5)
    /// HTTP/2 of tunnels
    package var http2 = HTTP2Configuration()
    /// Bounds, each per worker
    package var limits = DataPlaneLimits()
    /// Durations
    package var timeouts = DataPlaneTimeouts()

    /// The defaults, of no waypoint.
    package init() {}

    /// Reads `variables`; all problems at once.
    package static func read(
        _ variables: [String: String], cores: Int
    ) throws(ConfigurationFailure) -> WaypointConfiguration {
        var reader = EnvironmentReader(variables)
        var made = WaypointConfiguration()
        let gateway = reader.text("AMBIT_GATEWAY")
        let waypoint = reader.text("AMBIT_WAYPOINT")
        if gateway != nil { made.role = .gateway }
        let variable = made.role == .gateway ? "AMBIT_GATEWAY" : "AMBIT_WAYPOINT"
        if gateway != nil, let waypoint {
            reader.refuse("AMBIT_WAYPOINT", waypoint, "AMBIT_GATEWAY is set, too: one process is one of both")
        } else if let service = service(gateway ?? waypoint ?? "") {
            (made.namespace, made.name) = service
        } else {
            reader.refuse(
                variable, gateway ?? waypoint ?? "", "it must be namespace/name of the \(made.role.word)'s Service")
        }
        made.stateDirectory = "/var/lib/ambit-\(made.role.word)"
        made.upgradeSocket = "/run/ambit-\(made.role.word)/upgrade.sock"
        made.serviceAccount = reader.text("SERVICE_ACCOUNT") ?? made.name
        made.nodeName = reader.text("NODE_NAME")
        made.network = reader.text("NETWORK") ?? ""
        made.clusterID = reader.text("CLUSTER_ID") ?? made.clusterID
        made.clusterDomain = reader.text("CLUSTER_DOMAIN") ?? made.clusterDomain
        made.trustDomain = reader.text("TRUST_DOMAIN") ?? made.trustDomain
        made.discovery = reader.server("XDS", absent: false)
        made.authority = reader.server("CA", absent: false)
        if let certificate = reader.text("AMBIT_NODE_CERT"), let key = reader.text("AMBIT_NODE_KEY") {
            made.nodeCertificate = (certificate, key)
        } else {
            reader.refuse(
                "AMBIT_NODE_CERT", "",
                "a \(made.role.word) proves the host's identity: name its certificate, and AMBIT_NODE_KEY"
            )
        }
        made.certificateLifetime = reader.duration(
            "SECRET_TTL", in: .seconds(60)...(.seconds(86_400 * 90)), default: made.certificateLifetime)
        // The service's own, before the node's that are in the same settings.
        let state = reader.directory("AMBIT_STATE_DIR")
        made.stateDirectory = reader.directory("STATE_DIRECTORY") ?? state ?? made.stateDirectory
        let run = reader.directory("AMBIT_RUN_DIR").map {
            "\($0)/\(made.role.word)-\(made.name).\(made.namespace).sock"
        }
        let own = reader.directory("RUNTIME_DIRECTORY").map { "\($0)/upgrade.sock" }
        made.upgradeSocket = own ?? run ?? made.upgradeSocket
        made.upgradeTimeout = reader.duration(
            "AMBIT_UPGRADE_TIMEOUT", in: .seconds(1)...(.seconds(600)), default: made.upgradeTimeout)
        made.upgradeDrainDeadline = reader.duration(
            "AMBIT_UPGRADE_DRAIN_DEADLINE", in: .seconds(1)...(.seconds(7 * 86_400)),
            default: made.upgradeDrainDeadline)
        made.upgradeGenerations = reader.number(
            "AMBIT_UPGRADE_GENERATIONS", in: 1...256, default: made.upgradeGenerations)
        made.port = reader.parsed("AMBIT_HBONE_PORT", wants: "a port from 1 to 65535, or auto", default: made.port) {
            if $0 == "auto" { return .automatic }
            return UInt16($0).flatMap { $0 > 0 ? .fixed($0) : nil }
        }
        let readiness = reader.number("AMBIT_READINESS_PORT", in: 0...65_535, default: Int(Ports.readiness))
        made.readinessPort = readiness == 0 ? nil : UInt16(readiness)
        made.metricsPort = reader.parsed(
            "AMBIT_METRICS_PORT", wants: "a port from 1 to 65535, 0 for none, or auto", default: made.metricsPort
        ) { $0 == "auto" ? .some(nil) : UInt16($0).map { .some($0) } }
        made.hostAddresses = reader.hostAddresses()
        made.workers = reader.number("AMBIT_WORKER_THREADS", in: 1...256, default: max(1, cores))
        made.ipv6 = reader.flag("IPV6_ENABLED", default: true)
        made.logFilter = reader.parsed(
            "RUST_LOG", wants: "a level, and levels of single targets such as info,access=debug", default: LogFilter()
        ) { try? LogFilter($0) }
        made.logsJSON = reader.choice("LOG_FORMAT", ["plain": false, "json": true], default: false)
        made.limits.heldBytes = reader.heldBytes(workers: made.workers)
        made.limits.connections = reader.number(
            "AMBIT_MAX_CONNECTIONS", in: 1...1_048_576, default: made.limits.connections)
        made.requestIdleTimeout = reader.duration(
            "AMBIT_REQUEST_IDLE_TIMEOUT", in: .seconds(1)...(.seconds(86_400)), default: made.requestIdleTimeout)
        made.drainDeadline = reader.duration(
            "CONNECTION_TERMINATION_DEADLINE", in: .zero...(.seconds(86_400)), default: made.drainDeadline)
        guard reader.problems.isEmpty else { throw ConfigurationFailure(problems: reader.problems) }
        return made
    }

    /// `namespace/name`, or `name.namespace` as units are named.
    private static func service(_ text: String) -> (namespace: String, name: String)? {
        let isPath = text.contains("/")
        let parts = text.split(separator: isPath ? "/" : ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts.contains(where: \.isEmpty) else { return nil }
        return isPath ? (parts[0], parts[1]) : (parts[1], parts[0])
    }
}
