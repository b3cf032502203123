import Synchronization

/// Counters of the control plane under istiod's names (I 5.6), so that its dashboards read them.
///
/// Shared by all tasks behind one lock; label values come from closed sets (types, reasons) only.
package final class ControlMetrics: Sendable {
    /// The counters and gauges.
    package enum Name: String, Sendable, CaseIterable {
        /// Connected discovery streams.
        case streams = "pilot_xds"
        /// Responses sent, by type.
        case pushes = "pilot_xds_pushes"
        /// Responses that a node refused, by type.
        case rejections = "pilot_total_xds_rejects"
        /// Answers to responses that were no longer in flight.
        case expiredNonces = "pilot_xds_expired_nonce"
        /// Compilations of the resources.
        case compilations = "pilot_push_triggers"
        /// Signing requests.
        case signingRequests = "citadel_server_csr_count"
        /// Certificates issued.
        case issuances = "citadel_server_success_cert_issuance_count"
        /// Node certificates that nodes renewed.
        case nodeRenewals = "ambit_control_node_renewals_total"
        /// Joins by outcome.
        case joins = "ambit_control_joins_total"
        /// Nodes by standing.
        case nodes = "ambit_control_nodes"
        /// Workload certificates that peers are told not to accept.
        case revokedCertificates = "ambit_control_revoked_certificates"
        /// Requests that were refused, by reason.
        case refusals = "ambit_control_refusals_total"
        /// Resources in the newest snapshot, by type.
        case resources = "ambit_control_resources"
        /// Warnings of the newest compilation.
        case warnings = "ambit_control_compilation_warnings"
        /// Open connections, by server.
        case connections = "ambit_control_connections"
        /// Connections that were closed for a limit, by server and limit.
        case connectionsClosed = "ambit_control_connections_closed_total"
        /// Calls of the resource API that were refused, by Kubernetes' word for the reason.
        case apiRefusals = "ambit_control_api_refusals_total"

        /// One line for HELP.
        var help: String {
            switch self {
            case .streams: "Discovery streams that are open."
            case .pushes: "Discovery responses sent, by type."
            case .rejections: "Discovery responses that nodes refused, by type."
            case .expiredNonces: "Answers to discovery responses that were no longer in flight."
            case .compilations: "Compilations of all resources into what nodes are sent."
            case .signingRequests: "Certificate signing requests received."
            case .issuances: "Certificates issued."
            case .nodeRenewals: "Node certificates that nodes renewed."
            case .joins: "Attempts of new nodes to join, by outcome."
            case .nodes: "Nodes by standing."
            case .revokedCertificates: "Workload certificates that have not expired and must not be accepted."
            case .refusals: "Requests of nodes that were refused, by reason."
            case .resources: "Resources in the newest snapshot, by type."
            case .warnings: "Warnings of the newest compilation."
            case .connections: "Connections that are open, by server."
            case .connectionsClosed: "Connections that were closed for a limit, by server and limit."
            case .apiRefusals: "Calls of the resource API that were refused, by reason."
            }
        }

        /// Whether it can fall.
        var isGauge: Bool {
            [.streams, .resources, .warnings, .connections, .nodes, .revokedCertificates].contains(self)
        }
    }

    private struct Series: Hashable, Sendable {
        let name: Name
        let label: String
        let value: String
    }

    private let series = Mutex<[Series: Int64]>([:])

    /// All at zero.
    package init() {}

    /// Adds to a counter or gauge; the label is left out where `value` is empty.
    package func add(_ name: Name, _ amount: Int64 = 1, label: String = "", value: String = "") {
        series.withLock { $0[Series(name: name, label: label, value: value), default: 0] &+= amount }
    }

    /// Sets a gauge.
    package func set(_ name: Name, to amount: Int, label: String = "", value: String = "") {
        series.withLock { $0[Series(name: name, label: label, value: value)] = Int64(amount) }
    }

    /// The value of one series.
    package func value(_ name: Name, label: String = "", value: String = "") -> Int64 {
        series.withLock { $0[Series(name: name, label: label, value: value)] ?? 0 }
    }

    /// The page in Prometheus' text format 0.0.4.
    package func render() -> String {
        let all = series.withLock { $0 }
        var text = ""
        for name in Name.allCases {
            text += "# HELP \(name.rawValue) \(name.help)\n"
            text += "# TYPE \(name.rawValue) \(name.isGauge ? "gauge" : "counter")\n"
            let mine = all.filter { $0.key.name == name }.sorted {
                ($0.key.label, $0.key.value) < ($1.key.label, $1.key.value)
            }
            if mine.isEmpty { text += "\(name.rawValue) 0\n" }
            for (key, amount) in mine {
                let labels = key.label.isEmpty ? "" : "{\(key.label)=\"\(key.value)\"}"
                text += "\(name.rawValue)\(labels) \(amount)\n"
            }
        }
        return text
    }
}
