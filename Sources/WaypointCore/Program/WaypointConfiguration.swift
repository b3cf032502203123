package import HTTPWire
import MeshModel
package import MeshTelemetry
package import NodeCore

/// The settings of `waypoint proxy`, read once from the environment: Istio's names where it has one, AMBIT_* else.
package struct WaypointConfiguration: Sendable {
    /// AMBIT_WAYPOINT, `namespace/name`: the Service that this process is the waypoint of
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
    /// AMBIT_STATE_DIR
    package var stateDirectory = "/var/lib/ambit-waypoint"
    /// AMBIT_HBONE_PORT
    package var port = Ports.hbone
    /// AMBIT_READINESS_PORT
    package var readinessPort: UInt16 = 15021
    /// AMBIT_WORKER_THREADS
    package var workers = 1
    /// IPV6_ENABLED
    package var ipv6 = true
    /// RUST_LOG
    package var logFilter = LogFilter()
    /// LOG_FORMAT
    package var logsJSON = false
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
        if let text = reader.text("AMBIT_WAYPOINT") {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count == 2, !parts.contains(where: \.isEmpty) {
                made.namespace = String(parts[0])
                made.name = String(parts[1])
            } else {
                reader.refuse("AMBIT_WAYPOINT", text, "it must be namespace/name of the waypoint's Service")
            }
        } else {
            reader.refuse("AMBIT_WAYPOINT", "", "it must be namespace/name of the waypoint's Service")
        }
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
                "AMBIT_NODE_CERT", "", "a waypoint proves the host's identity: name its certificate, and AMBIT_NODE_KEY"
            )
        }
        made.certificateLifetime = reader.duration(
            "SECRET_TTL", in: .seconds(60)...(.seconds(86_400 * 90)), default: made.certificateLifetime)
        made.stateDirectory = reader.directory("AMBIT_STATE_DIR") ?? made.stateDirectory
        made.port = UInt16(reader.number("AMBIT_HBONE_PORT", in: 1...65_535, default: Int(made.port)))
        made.readinessPort = UInt16(
            reader.number("AMBIT_READINESS_PORT", in: 1...65_535, default: Int(made.readinessPort)))
        made.workers = reader.number("AMBIT_WORKER_THREADS", in: 1...256, default: max(1, cores))
        made.ipv6 = reader.flag("IPV6_ENABLED", default: true)
        made.logFilter = reader.parsed(
            "RUST_LOG", wants: "a level, and levels of single targets such as info,access=debug", default: LogFilter()
        ) { try? LogFilter($0) }
        made.logsJSON = reader.choice("LOG_FORMAT", ["plain": false, "json": true], default: false)
        made.drainDeadline = reader.duration(
            "CONNECTION_TERMINATION_DEADLINE", in: .zero...(.seconds(86_400)), default: made.drainDeadline)
        guard reader.problems.isEmpty else { throw ConfigurationFailure(problems: reader.problems) }
        return made
    }
}
