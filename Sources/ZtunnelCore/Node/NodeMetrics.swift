import Glibc
import LinuxSystem
import MeshModel
package import MeshTelemetry
package import NodeCore

/// The metrics of the control side (Z 8.1, and ours for what Istio does not show): certificates, discovery, enrolments, process.
///
/// Made afresh for each page out of counters that their owners keep.
package struct NodeMetrics {
    private enum Group: Int {
        case build
        case node
        case termination
        case discovery
        case certificate
        case agent
        case health
        case probe
    }

    private static let groups = [
        MetricGroup(
            labelNames: ["component", "tag"], families: [gauge(MetricNames.build, "The program and its version.")]),
        MetricGroup(families: [
            gauge(MetricNames.activeProxies, "Workloads that are served."),
            gauge(MetricNames.pendingProxies, "Workloads that are enrolled and not served."),
            .counter(MetricNames.proxiesStarted, "Workloads that were begun to be served."),
            .counter(MetricNames.proxiesStopped, "Workloads that were no longer served."),
            gauge(MetricNames.openDescriptors, "Open file descriptors."),
            gauge(MetricNames.maximumDescriptors, "File descriptors that the process may have."),
            gauge("ambit_xds_connected", "Whether the control plane is connected."),
            gauge("ambit_listening_sockets", "Listening sockets that outlive this process."),
            gauge(
                "ambit_listening_sockets_not_stored",
                "Listening sockets that a crash would close: systemd cannot keep so many."),
            .counter(
                "ambit_listening_sockets_adopted", "Listening sockets that were taken over from the process before."),
            .counter("ambit_listening_sockets_stale", "Inherited sockets that nobody asked for."),
            gauge("ambit_draining_generations", "Older generations of this program that finish their connections."),
            gauge("ambit_draining_connections", "Connections that older generations carry."),
            .counter("ambit_certificates_issued", "Certificates that were issued to this node."),
            .counter("ambit_certificate_failures", "Certificate requests that failed."),
            gauge(
                "ambit_node_certificate_expiry_timestamp_seconds",
                "When the node's own certificate expires, seconds since 1970; 0 without one."),
            gauge(
                "ambit_node_certificate_overdue",
                "Whether the node's own certificate is past half of its life and not renewed."),
            .counter("ambit_node_certificate_renewals", "Renewals of the node's own certificate."),
            .counter("ambit_node_certificate_renewal_failures", "Renewals of it that failed."),
        ]),
        MetricGroup(
            labelNames: ["reason"],
            families: [.counter(MetricNames.discoveryTerminations, "Discovery streams that ended.")]),
        MetricGroup(
            labelNames: ["url"],
            families: [
                .counter(MetricNames.discoveryMessages, "Discovery responses."),
                .counter(MetricNames.discoveryMessageBytes, "Bytes of discovery responses."),
                .counter("ambit_xds_refusals", "Discovery responses that were refused."),
                gauge("ambit_xds_resources", "Resources that are held."),
            ]),
        MetricGroup(
            labelNames: ["identity"],
            families: [
                gauge(
                    "ambit_certificate_expiry_timestamp_seconds", "When the certificate expires, seconds since 1970."),
                gauge("ambit_certificate_usable", "Whether connections of the identity work."),
            ]),
        MetricGroup(families: [
            gauge("ambit_zds_synchronised", "Whether the node agent is connected and has named its workloads."),
            gauge("ambit_zds_workloads", "Workloads of the node agent that are served."),
            gauge("ambit_zds_workloads_pending", "Workloads of the node agent that cannot be served now."),
            .counter("ambit_zds_disconnections", "Connections with the node agent that failed or ended."),
            .counter("ambit_zds_violations", "Requests of the node agent that broke the protocol."),
            .counter("ambit_zds_refusals", "Requests of the node agent that were answered with an error."),
        ]),
        MetricGroup(families: [
            gauge("ambit_workloads_probed", "Workloads that are asked whether they can take traffic."),
            gauge("ambit_workloads_unhealthy", "Workloads whose probe fails."),
            gauge("ambit_workloads_drained", "Workloads that were drained."),
            .counter("ambit_health_transitions", "Changes of what probes found."),
            .counter("ambit_probes_delayed", "Probes that had to wait because too many were open."),
        ]),
        MetricGroup(
            labelNames: ["result"], families: [.counter("ambit_probe_answers", "Probes, by how they were answered.")]),
    ]

    /// Istio's name of the program.
    package var component = "ztunnel"
    /// ISTIO_META_ISTIO_VERSION.
    package var tag = "unknown"
    /// Enrolments.
    package var enrolments = EnrolmentController.Counters()
    /// Listening sockets.
    package var sockets = SocketStore.Counters()
    /// Older generations that drain.
    package var drainingGenerations = 0
    /// Connections that they carry.
    package var drainingConnections = 0
    /// Certificate requests.
    package var certificates = CertificateRenewal.Counters()
    /// The node's own certificate.
    package var nodeCertificate = NodeCertificateRenewal.Status()
    /// The certificates.
    package var statuses: [CertificateStore.Status] = []
    /// Discovery.
    package var discovery = DiscoveryClient.Counters()
    /// Whether the control plane is connected.
    package var isConnected = false
    /// Resources held, by type URL.
    package var resources: [String: Int] = [:]

    /// The node agent; nil: there is none.
    package var agent: ZDSCounters?
    /// Health of the workloads.
    package var health = WorkloadHealthTable.Counters()
    /// Probes.
    package var probes = ProbeRunner.Counters()

    /// Nothing counted.
    package init() {}

    /// For the page.
    package func snapshot(now: Int64) -> MetricSnapshot {
        let shard = MetricShard(groups: Self.groups)
        func row(_ group: Group, _ labels: [String] = []) -> MetricRow {
            shard.row(group: group.rawValue, labels: labels, now: now)
        }
        shard.set(row(.build, [component, tag]), family: 0, 1)
        let node = row(.node)
        shard.set(node, family: 0, Int64(enrolments.active + (agent?.served ?? 0)))
        shard.set(node, family: 1, Int64(enrolments.pending + (agent?.pending ?? 0)))
        shard.add(node, family: 2, enrolments.started &+ (agent?.started ?? 0))
        shard.add(node, family: 3, enrolments.stopped &+ (agent?.stopped ?? 0))
        shard.set(node, family: 4, Int64(Self.openDescriptors()))
        shard.set(node, family: 5, Int64(clamping: (try? DescriptorLimit.current())?.soft ?? 0))
        shard.set(node, family: 6, isConnected ? 1 : 0)
        shard.set(node, family: 7, Int64(sockets.held))
        shard.set(node, family: 8, Int64(sockets.notStored))
        shard.add(node, family: 9, sockets.adopted)
        shard.add(node, family: 10, sockets.stale)
        shard.set(node, family: 11, Int64(drainingGenerations))
        shard.set(node, family: 12, Int64(drainingConnections))
        shard.add(node, family: 13, certificates.issued)
        shard.add(node, family: 14, certificates.failures)
        shard.set(node, family: 15, nodeCertificate.notAfter)
        shard.set(node, family: 16, nodeCertificate.isOverdue ? 1 : 0)
        shard.add(node, family: 17, nodeCertificate.renewals)
        shard.add(node, family: 18, nodeCertificate.failures)
        if let agent {
            let row = row(.agent)
            shard.set(row, family: 0, agent.isSynchronised ? 1 : 0)
            shard.set(row, family: 1, Int64(agent.served))
            shard.set(row, family: 2, Int64(agent.pending))
            shard.add(row, family: 3, agent.disconnections)
            shard.add(row, family: 4, agent.violations)
            shard.add(row, family: 5, agent.refusals)
        }
        let state = row(.health)
        shard.set(state, family: 0, Int64(health.probed))
        shard.set(state, family: 1, Int64(health.unhealthy))
        shard.set(state, family: 2, Int64(health.drained))
        shard.add(state, family: 3, health.transitions)
        shard.add(state, family: 4, probes.delayed)
        shard.add(row(.probe, ["success"]), family: 0, probes.good)
        shard.add(row(.probe, ["failure"]), family: 0, probes.bad)
        for (reason, count) in discovery.terminations { shard.add(row(.termination, [reason]), family: 0, count) }
        for kind in DiscoveryKind.ztunnel {
            let url = row(.discovery, [kind.typeURL])
            shard.add(url, family: 0, discovery.messages[kind.typeURL] ?? 0)
            shard.add(url, family: 1, discovery.messageBytes[kind.typeURL] ?? 0)
            shard.add(url, family: 2, discovery.refusals[kind.typeURL] ?? 0)
            shard.set(url, family: 3, Int64(resources[kind.typeURL] ?? 0))
        }
        for status in statuses {
            let identity = row(.certificate, [status.identity.uri])
            shard.set(identity, family: 0, status.certificate?.notAfter ?? 0)
            shard.set(identity, family: 1, status.isUsable ? 1 : 0)
        }
        return shard.snapshot()
    }

    private static func openDescriptors() -> Int {
        guard let listing = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(listing) }
        var count = 0
        while readdir(listing) != nil { count += 1 }
        // Itself, `.` and `..`.
        return max(0, count - 3)
    }

    private static func gauge(_ name: String, _ help: String) -> MetricFamily {
        MetricFamily(name: name, help: help, kind: .gauge)
    }
}
